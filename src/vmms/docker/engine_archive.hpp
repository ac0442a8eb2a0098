// What the engine's archive endpoint gives: a tarball of a container's file or folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vmms/docker/engine.hpp"

namespace tango::vmms::docker {

/// What is at a path: a file's content, a link's target, or something else.
struct ArchivedFile {
  enum class Type { kFile, kLink, kOther };
  Type type = Type::kOther;
  std::string text;  ///< content or target
};

/// The first entry. kTooLarge: it has more than `bytes_max`; kInvalid: it is no tarball.
Result<ArchivedFile> archivedFile(std::string_view tar, std::uint64_t bytes_max);

/// All that is in the folder whose content `tar` is, but for itself.
Result<std::vector<FolderEntry>> archivedFolder(std::string_view tar);

/// Where `target`, found in a link at `path`, leads.
std::string linkedPath(std::string_view path, std::string_view target);

}  // namespace tango::vmms::docker
