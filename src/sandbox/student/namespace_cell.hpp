// A student's command in pid, mount and ipc namespaces of its own, with scratch mounted over
// everything in which the job can write.
#pragma once

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/student/session.hpp"

namespace tango::sandbox {

/// Clones a process into new namespaces that serves the grader at `connection`; needs the rights of
/// a job's init.
base::Result<pid_t> startInOwnNamespaces(const StudentSetup& setup, std::uint64_t disk_inodes,
                                         base::UniqueFd& connection);

}  // namespace tango::sandbox
