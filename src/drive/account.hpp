// Users, read from the text of /etc/passwd: a static program cannot use the C library's
// getpwnam(3), which loads the image's own name service modules.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"

namespace tango::drive {

using base::Result;

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
  std::string shell;
};

/// The first line of `passwd` that is about `name`. kNotFound if there is none; kUnsupported if
/// that line is not one of passwd(5) or the account cannot run a job (root, or no absolute home).
Result<Account> findAccount(std::string_view passwd, std::string_view name);

/// Whether a line of `passwd` gives somebody the user id `uid`.
[[nodiscard]] bool isTaken(std::string_view passwd, uid_t uid);

/// A user id that nobody has: the highest one in `uid_map` (/proc/self/uid_map) that no line of
/// `passwd` names. See identity.hpp for its use.
[[nodiscard]] uid_t unusedUid(std::string_view uid_map, std::string_view passwd);

}  // namespace tango::drive
