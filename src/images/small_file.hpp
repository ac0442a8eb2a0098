// Small files inside a root file system that is not trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::images {

using base::Result;

/// Largest file that is read into memory: a manifest, a passwd.
inline constexpr std::uint64_t kSmallFileBytesMax = 4ULL * 1024 * 1024;

/// The content of the regular file `path`, links followed inside the root `root_fd`. kInvalid: it
/// is no regular file; kTooLarge: over kSmallFileBytesMax.
Result<std::string> readSmallFile(int root_fd, const std::string& path);

/// True if `path` is a regular file, links followed inside the root.
[[nodiscard]] bool hasFile(int root_fd, const char* path);

/// Makes `name` in the folder `dir_fd`, which is ours, and waits until it is on the disk.
Result<void> writeDurably(int dir_fd, const char* name, std::string_view text);

}  // namespace tango::images
