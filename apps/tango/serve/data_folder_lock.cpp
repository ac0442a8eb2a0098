#include "tango/serve/data_folder_lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/safe_path.hpp"
#include "base/write_all.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

constexpr const char* kLockFile = "lock";

std::string holderOf(int lock_fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(lock_fd, text.data(), text.size(), 0);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  pid.erase(std::find(pid.begin(), pid.end(), '\n'), pid.end());
  return pid.empty() ? "" : " (process " + pid + ")";
}

}  // namespace

Result<UniqueFd> lockDataFolder(int data_folder_fd) {
  Result<UniqueFd> lock = base::openNoLinks(data_folder_fd, kLockFile, O_RDWR | O_CREAT, 0600);
  if (!lock) {
    return lock.error().during("open the data folder's lock");
  }
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK
               ? Error(ErrorKind::kExists,
                       "another tango serve" + holderOf(lock->get()) + " runs on this data folder")
               : systemError(errno, "lock the data folder");
  }
  if (::ftruncate(lock->get(), 0) != 0) {
    return systemError(errno, "write the data folder's lock");
  }
  const Result<void> written = base::writeAll(lock->get(), std::to_string(::getpid()) + "\n");
  if (!written) {
    return written.error().during("write the data folder's lock");
  }
  return lock;
}

}  // namespace tango::app
