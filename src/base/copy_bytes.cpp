#include "base/copy_bytes.hpp"

#include <array>
#include <cerrno>
#include <string>

#include <unistd.h>

#include "base/write_all.hpp"

namespace tango::base {

Result<void> copyBytes(int from, int to, std::string_view what) {
  static std::array<char, 128 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got == 0) {
      return {};
    }
    if (got < 0) {
      return systemError(errno, "read " + std::string(what));
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    if (Result<void> written = writeAll(to, bytes, what); !written) {
      return written;
    }
  }
}

}  // namespace tango::base
