// The user and network namespaces of a slot.
#pragma once

#include <sys/types.h>

#include "base/result.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

/// Which ids of the host a slot's user namespace is mapped to.
struct IdMap {
  /// Root of the host: ids of the slot's own, so that the job cannot touch its init, nor a
  /// student's command its grader. Otherwise the caller's own id stands for the job's user, and all
  /// have it.
  bool two_ids = false;
  uid_t host_uid = 0;  ///< the first of three (init, job, student), or the caller's own
  gid_t host_gid = 0;
};

/// The ids for slot number `slot` of this process's launcher: distinct for any two slots alive.
[[nodiscard]] IdMap chooseIds(unsigned slot);

/// Writes the maps of process `pid`, which has just made its user namespace (user_namespaces(7)).
Result<void> mapIds(pid_t pid, const IdMap& map, JobUser user);

/// In a new network namespace: brings up the loopback interface; there is no other.
Result<void> bringLoopbackUp();

}  // namespace tango::sandbox
