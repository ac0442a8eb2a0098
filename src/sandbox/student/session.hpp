// One run of `tango-student`: the process that takes the request, gives the command files and pipes
// of its own, runs it, and ends all that came of it. It is the first process of a pid namespace.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::sandbox {

/// What the runs of one job have in common.
struct StudentSetup {
  JobUser user;          ///< whom the command runs as
  bool two_ids = false;  ///< that is another user than this process
  StudentLimits limits;  ///< where the request says nothing; disk_bytes also at most
  std::uint64_t disk_inodes = 0;
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed
};

/// Runs in a process that was just cloned into new pid, mount and ipc namespaces, on a connection
/// from the grader; never returns.
[[noreturn]] void runStudentSession(const StudentSetup& setup, base::UniqueFd connection);

}  // namespace tango::sandbox
