// What is known of an imported image: the content of its image.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace tango::images {

using base::Result;

struct ImageInfo {
  std::string name;
  std::string imported_at;   ///< ISO 8601, UTC
  std::string source;        ///< "directory", "tarball" or "docker"
  std::string architecture;  ///< as Docker names it ("amd64")
  /// The user `autograde`, as etc/passwd inside the image has it.
  uid_t uid = 0;
  gid_t gid = 0;
  /// All that was unpacked, layer by layer: what a later layer replaced counts too.
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::vector<std::string> environment;  ///< "NAME=value", from Docker's configuration
  /// What will probably not work in it: whole sentences.
  std::vector<std::string> warnings;
  /// The path of its root file system. Not in image.json: a data folder can be moved.
  std::string rootfs;
};

/// The text of image.json.
[[nodiscard]] std::string toJson(const ImageInfo& info);

/// kInvalid on anything that toJson did not write. `rootfs` is left empty.
Result<ImageInfo> imageInfoFromJson(std::string_view text);

/// This machine's architecture, as Docker names it.
[[nodiscard]] std::string hostArchitecture();

}  // namespace tango::images
