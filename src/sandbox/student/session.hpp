// One run of `tango-student`: the process that takes the request, gives the command files and pipes
// of its own, runs it, and ends all that came of it.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"
#include "sandbox/student/cell.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::sandbox {

/// What the runs of one job have in common.
struct StudentSetup {
  JobUser user;          ///< whom the command runs as
  bool two_ids = false;  ///< that is another user than this process
  StudentLimits limits;  ///< where the request says nothing; disk_bytes also at most
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed; null: the cell has its own
};

/// Runs in a process of its own, on a connection from the grader; never returns. Whatever the
/// command leaves must come to this process as its child, and end with it or behind it.
[[noreturn]] void runStudentSession(const StudentSetup& setup, StudentCell& cell,
                                    base::UniqueFd connection);

}  // namespace tango::sandbox
