#include "sandbox/parts/credentials.hpp"

#include <array>
#include <cerrno>

#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace tango::sandbox {

bool becomeUser(JobUser user) {
  if (::setgroups(0, nullptr) != 0 && errno != EPERM) {
    return false;
  }
  return ::setresgid(user.gid, user.gid, user.gid) == 0 &&
         ::setresuid(user.uid, user.uid, user.uid) == 0;
}

FileRights::FileRights(JobUser user) {
  ::prctl(PR_GET_PDEATHSIG, &death_);
  ::setfsgid(user.gid);
  ::setfsuid(user.uid);
  // These two say nothing of a failure, but what was in force before.
  const bool in_force = ::setfsuid(user.uid) == static_cast<int>(user.uid) &&
                        ::setfsgid(user.gid) == static_cast<int>(user.gid);
  TANGO_ASSERT(in_force, "taking somebody's rights to files");
}

FileRights::~FileRights() {
  ::setfsuid(::geteuid());
  ::setfsgid(::getegid());
  ::prctl(PR_SET_PDEATHSIG, death_);
}

bool dropBoundingSet() {
  for (unsigned capability = 0; capability < 64; ++capability) {
    // Asked first, since dropping costs new credentials even where there is nothing to drop.
    const int held = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) {
      return errno == EINVAL;  // one past the last that this kernel knows
    }
    if (held != 0 && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      return false;
    }
  }
  return true;
}

bool dropCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
         ::syscall(SYS_capset, &header, none.data()) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

}  // namespace tango::sandbox
