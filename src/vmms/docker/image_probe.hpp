// What an image is like, as far as a container's making depends on it: who runs jobs in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmms/docker/engine.hpp"

namespace tango::vmms::docker {

/// Who runs jobs, and where in that user's home.
inline constexpr const char* kJobUser = "autograde";
inline constexpr const char* kJobFolderName = "autolab";

/// A container of that label (and the owner's) is no VM: it is there for as long as its image is
/// looked into, or was left behind by a service that was killed.
inline constexpr const char* kProbeLabel = "tango.probe";

struct ProbedImage {
  std::string id;                        ///< of the image: another content is another id
  std::string home = "/home/autograde";  ///< of the user autograde
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  /// The image has the user autograde. If not, autodriver adds it, with these numbers, in a volume
  /// at /etc.
  bool has_user = false;
  /// The home has more in it than a skeleton: it stays as the image has it, read-only, and only the
  /// job's folder in it is new.
  bool keeps_home = false;
  std::vector<std::string> environment;  ///< NAME=VALUE, of the image
  /// Folders that the image declares as such, but for those where something of ours is mounted.
  std::vector<std::string> volumes;
};

/// Looks into the image through a container that is never started. kNotFound: there is no such
/// image; kUnsupported: no job can run in it (another system or architecture than `architecture`,
/// an autograde that is root), in a sentence that says what to do.
awaitable<Result<ProbedImage>> probeImage(Engine& engine, std::string reference, std::string owner,
                                          std::string architecture);

}  // namespace tango::vmms::docker
