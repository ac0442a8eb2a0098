#include "files/output_file.hpp"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/safe_path.hpp"

namespace tango::files {
namespace {

using base::Result;
using base::systemError;
using base::UniqueFd;

Result<std::string> temporaryName() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    return systemError(errno, "getrandom");
  }
  return std::string(OutputFile::kTemporaryPrefix) + std::to_string(number);
}

}  // namespace

OutputFile::OutputFile(int folder_fd, std::string name, std::string temporary, UniqueFd file)
    : folder_fd_(folder_fd),
      name_(std::move(name)),
      temporary_(std::move(temporary)),
      file_(std::move(file)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : folder_fd_(other.folder_fd_),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    ::unlinkat(folder_fd_, temporary_.c_str(), 0);
  }
}

Result<OutputFile> OutputFile::create(int folder_fd, const std::string& name) {
  if (const Result<void> named = base::checkComponent(name, "output file"); !named) {
    return named.error();
  }
  Result<std::string> temporary = temporaryName();
  if (!temporary) {
    return temporary.error();
  }
  UniqueFd file(::openat(folder_fd, temporary->c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) {
    return systemError(errno, "create the output file " + name);
  }
  return OutputFile(folder_fd, name, *std::move(temporary), std::move(file));
}

Result<void> OutputFile::publish() {
  if (::fsync(file_.get()) != 0) {
    return systemError(errno, "fsync the output file " + name_);
  }
  if (::renameat(folder_fd_, temporary_.c_str(), folder_fd_, name_.c_str()) != 0) {
    return systemError(errno, "publish the output file " + name_);
  }
  temporary_.clear();
  if (::fsync(folder_fd_) != 0) {
    return systemError(errno, "fsync the folder of the output file " + name_);
  }
  return {};
}

}  // namespace tango::files
