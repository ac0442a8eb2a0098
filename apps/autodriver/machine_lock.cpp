#include "autodriver/machine_lock.hpp"

#include <cerrno>
#include <ctime>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

namespace tango::autodriver {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;

// The file is root's, in a folder of root's, so no job can hold it.
constexpr const char* kLockFile = "/run/autodriver.lock";
constexpr timespec kPause{0, 10'000'000};

}  // namespace

Result<UniqueFd> takeLock(const char* path, Deadline deadline) {
  UniqueFd file(::open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    return base::systemError(errno, std::string("make ") + path);
  }
  // flock(2) itself has no deadline.
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (base::SteadyClock::now() >= deadline) {
      return Error(ErrorKind::kExists, "another autodriver is running here");
    }
    ::nanosleep(&kPause, nullptr);
  }
  return file;
}

Result<UniqueFd> takeMachineLock(Deadline deadline) {
  Result<UniqueFd> lock = takeLock(kLockFile, deadline);
  return lock || lock.error().kind() == ErrorKind::kExists ? std::move(lock)
                                                           : Result<UniqueFd>(UniqueFd());
}

}  // namespace tango::autodriver
