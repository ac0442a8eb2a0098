#include "autodriver/closed_folders.hpp"

#include <array>
#include <cerrno>
#include <string>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sandbox/parts/credentials.hpp"

namespace tango::autodriver {
namespace {

using base::Result;
using base::systemError;

constexpr mode_t kOthers = 07;
constexpr mode_t kShared = 01770;

bool isReadOnly(const std::string& folder) {
  struct statvfs about{};
  return ::statvfs(folder.c_str(), &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

bool isOpen(const std::string& folder) {
  struct stat about{};
  if (::stat(folder.c_str(), &about) != 0) {
    return errno != ENOENT && errno != ENOTDIR;
  }
  return (about.st_mode & kOthers) != 0 && !isReadOnly(folder);
}

Result<void> closeShared(const char* folder, gid_t group) {
  if (isOpen(folder) && (::chown(folder, 0, group) != 0 || ::chmod(folder, kShared) != 0)) {
    return systemError(errno, std::string("close ") + folder + " to the command");
  }
  return {};
}

// With the rights of the job's user, whose folder it is: it may be a link to anywhere.
Result<void> closeOwn(const std::string& folder, const Account& account) {
  const sandbox::FileRights rights({account.uid, account.gid});
  struct stat about{};
  if (isOpen(folder) && (::stat(folder.c_str(), &about) != 0 ||
                         ::chmod(folder.c_str(), about.st_mode & 07770) != 0)) {
    return systemError(errno, "close " + folder + " to the command");
  }
  return {};
}

}  // namespace

Result<void> closeFolders(const Job& job) {
  for (const char* folder : {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"}) {
    if (Result<void> closed = closeShared(folder, job.account.gid); !closed) {
      return closed;
    }
  }
  const std::string& home = job.account.home;
  return closeOwn(isReadOnly(home) ? home + "/" + job.directory : home, job.account);
}

}  // namespace tango::autodriver
