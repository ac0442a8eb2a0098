#include "base/safe_path.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tango::base {
namespace {

Result<UniqueFd> openat2(int dir_fd, const char* path, int flags, unsigned mode, __u64 resolve) {
  open_how how{};
  how.flags = static_cast<__u64>(static_cast<unsigned>(flags | O_CLOEXEC));
  how.mode = mode;
  how.resolve = resolve;
  // The kernel asks for a retry (EAGAIN) when a rename raced with a ".." on the way.
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
    if (fd >= 0) {
      return UniqueFd(static_cast<int>(fd));
    }
    if ((errno != EAGAIN && errno != EINTR) || attempt == 32) {
      return systemError(errno, std::string("open ") + path);
    }
  }
}

}  // namespace

Result<void> checkComponent(std::string_view name, std::string_view field) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorKind::kInvalid, std::string(field) + " " + std::string(why));
  };
  if (name.empty()) {
    return refuse("is empty");
  }
  if (name == "." || name == "..") {
    return refuse("is '" + std::string(name) + "', which names a folder, not a file in it");
  }
  if (name.find('\0') != std::string_view::npos) {
    return refuse("has a NUL byte in it");
  }
  if (name.find('/') != std::string_view::npos) {
    return refuse("'" + std::string(name.substr(0, kNameBytesMax)) +
                  "' has a '/' in it: it must be a single name, not a path");
  }
  if (name.size() > kNameBytesMax) {
    return refuse("is longer than " + std::to_string(kNameBytesMax) + " bytes");
  }
  return {};
}

Result<UniqueFd> openBeneath(int dir_fd, const char* path, int flags, unsigned mode) {
  return openat2(dir_fd, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

Result<UniqueFd> openInRoot(int dir_fd, const char* path, int flags, unsigned mode) {
  return openat2(dir_fd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

Result<UniqueFd> openNoLinks(int dir_fd, const char* path, int flags, unsigned mode) {
  return openat2(dir_fd, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

Result<UniqueFd> openDirectory(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return systemError(errno, std::string("open folder ") + path);
  }
  return UniqueFd(fd);
}

}  // namespace tango::base
