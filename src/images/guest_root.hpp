// Makes an unpacked root file system ready for the sandbox, which shows it read-only: whatever a
// job needs to find there has to be there before.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "images/root_writer.hpp"

namespace tango::images {

/// The user that jobs run as, by the image's own etc/passwd.
struct GuestUser {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Makes the folders that the sandbox mounts on (a link of that name is replaced), adds the users
/// and groups `autograde` and `autolab` where they are missing, with free ids from 1000 up and the
/// home /home/autograde, and makes etc/hosts, hostname and resolv.conf regular files.
/// kInvalid: the image's autograde is root, or its passwd or group cannot be read.
Result<GuestUser> prepareGuestRoot(RootWriter& writer);

/// What will probably not work in it, one sentence each.
[[nodiscard]] std::vector<std::string> lookForTrouble(int root_fd);

}  // namespace tango::images
