#include "base/write_all.hpp"

#include <cerrno>
#include <string>

#include <unistd.h>

namespace tango::base {

Result<void> writeAll(int fd, std::string_view bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return systemError(errno, "write " + std::string(what));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace tango::base
