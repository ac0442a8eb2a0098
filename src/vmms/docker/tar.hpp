// Tarballs as the engine's archive endpoint takes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tango::vmms::docker {

struct TarFile {
  std::string name;  ///< at most 100 bytes
  unsigned mode = 0644;
  std::string_view content;
};

/// A ustar archive (POSIX.1-2001, pax) of root's regular files.
std::string tarOf(const std::vector<TarFile>& files);

/// Of one regular file, for what is too large to be held: its head (`name` is under 100 bytes; over
/// 8 GiB the size is written as GNU tar does), what is behind its `bytes` bytes of content, and the
/// archive's end.
std::string tarHead(std::string_view name, unsigned mode, std::uint64_t bytes);
std::string tarPadding(std::uint64_t bytes);
std::string tarEnd();

}  // namespace tango::vmms::docker
