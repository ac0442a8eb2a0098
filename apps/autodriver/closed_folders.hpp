// What a job can write to, closed to everybody else: a student's command shares the container's
// file system with its grader, and modes alone keep it out.
#pragma once

#include "autodriver/job.hpp"
#include "base/result.hpp"

namespace tango::autodriver {

/// Takes all rights of others from /tmp, /var/tmp, /dev/shm and /dev/mqueue, which are root's and
/// the job's group's from then on, and from the job's home, or its folder in there where nothing
/// else of the home can be written to. An error: one of them is open.
base::Result<void> closeFolders(const Job& job);

}  // namespace tango::autodriver
