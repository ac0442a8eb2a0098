#include "autodriver/identity.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "sandbox/parts/cgroup_files.hpp"
#include "sandbox/parts/credentials.hpp"

namespace tango::autodriver {
namespace {

bool becomeWith(const Identity& identity, uid_t real_and_saved) noexcept {
  // Dropping the bounding set needs CAP_SETPCAP, which a container may lack; no_new_privs, set
  // below, forbids all that the bounding set could give.
  static_cast<void>(sandbox::dropBoundingSet());
  return ::setgroups(identity.groups.size(), identity.groups.data()) == 0 &&
         ::setresgid(identity.gid, identity.gid, identity.gid) == 0 &&
         ::setresuid(real_and_saved, identity.uid, real_and_saved) == 0 &&
         sandbox::dropCapabilities() &&
         ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;  // a change of user has cleared it
}

// The "Uid:" line of /proc/PID/status has the real, effective, saved and file system uid.
bool isAliveAs(int proc_fd, const char* pid, const std::vector<uid_t>& uids) {
  const std::string status = sandbox::readFileAt(proc_fd, (std::string(pid) + "/status").c_str());
  const std::size_t state = status.find("\nState:\t");
  if (state == std::string::npos || status[state + 8] == 'Z' || status[state + 8] == 'X') {
    return false;
  }
  std::size_t at = status.find("\nUid:\t");
  const std::size_t end = status.find('\n', at + 1);
  while (at != std::string::npos && at < end) {
    at = status.find('\t', at);
    uid_t found = 0;
    const char* const begin = status.data() + at + 1;
    if (at < end && std::from_chars(begin, status.data() + end, found).ec == std::errc() &&
        std::find(uids.begin(), uids.end(), found) != uids.end()) {
      return true;
    }
    at = at < end ? at + 1 : at;
  }
  return false;
}

}  // namespace

bool become(const Identity& identity) noexcept {
  return becomeWith(identity, identity.uid);
}

bool becomeShielded(const Identity& identity, uid_t shield) noexcept {
  return becomeWith(identity, shield);
}

void killAllOf(uid_t uid, uid_t shield) noexcept {
  // Leaving effective uid 0 clears the effective capabilities, coming back to it restores them. A
  // change of user also clears what this process dies with.
  int death = 0;
  ::prctl(PR_GET_PDEATHSIG, &death);
  TANGO_ASSERT(::setresuid(shield, uid, 0) == 0, "taking the job's user id");
  ::kill(-1, SIGKILL);
  const bool back = ::setresuid(shield, 0, 0) == 0 && ::setresuid(0, 0, 0) == 0;
  TANGO_ASSERT(back, "coming back from the job's user id");
  ::prctl(PR_SET_PDEATHSIG, death);
}

std::vector<pid_t> aliveOf(const std::vector<uid_t>& uids) {
  std::vector<pid_t> alive;
  DIR* const proc = ::opendir("/proc");
  while (const dirent* entry = proc != nullptr ? ::readdir(proc) : nullptr) {
    const auto pid = sandbox::leadingNumber(entry->d_name);
    if (pid && isAliveAs(::dirfd(proc), entry->d_name, uids)) {
      alive.push_back(static_cast<pid_t>(*pid));
    }
  }
  if (proc != nullptr) {
    ::closedir(proc);
  }
  return alive;
}

}  // namespace tango::autodriver
