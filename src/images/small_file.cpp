#include "images/small_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"

namespace tango::images {

using base::Error;
using base::ErrorKind;
using base::systemError;
using base::UniqueFd;

Result<std::string> readSmallFile(int root_fd, const std::string& path) {
  // O_NONBLOCK: a FIFO would wait for a writer that never comes.
  const Result<UniqueFd> file =
      base::openInRoot(root_fd, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    return file.error();
  }
  struct stat facts{};
  if (::fstat(file->get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return Error(ErrorKind::kInvalid, path + " is no regular file");
  }
  if (static_cast<std::uint64_t>(facts.st_size) > kSmallFileBytesMax) {
    return Error(ErrorKind::kTooLarge, path + " is too large to be what it is named after");
  }
  std::string text(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file->get(), text.data() + size, text.size() - size);
    if (n < 0) {
      return systemError(errno, "read " + path);
    }
    if (n == 0) {
      break;
    }
    size += static_cast<std::size_t>(n);
  }
  text.resize(size);
  return text;
}

bool hasFile(int root_fd, const char* path) {
  const Result<UniqueFd> file = base::openInRoot(root_fd, path, O_PATH);
  struct stat facts{};
  return file && ::fstat(file->get(), &facts) == 0 && S_ISREG(facts.st_mode);
}

Result<void> writeDurably(int dir_fd, const char* name, std::string_view text) {
  const UniqueFd file(
      ::openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) {
    return systemError(errno, std::string("make ") + name);
  }
  while (!text.empty()) {
    const ssize_t n = ::write(file.get(), text.data(), text.size());
    if (n < 0) {
      return systemError(errno, std::string("write ") + name);
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file.get()) != 0) {
    return systemError(errno, std::string("fsync ") + name);
  }
  return {};
}

}  // namespace tango::images
