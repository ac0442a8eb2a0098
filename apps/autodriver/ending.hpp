// The end of a job: nothing of it may live on, and nothing of it may stay on the disk.
#pragma once

#include <optional>

#include "autodriver/child.hpp"
#include "autodriver/job.hpp"

namespace tango::autodriver {

/// Kills everything of the job's users, wherever it came from, and with it the warden, and reaps
/// them. Bounded: a process that the kernel itself holds is not waited for. What the warden and
/// those that it reaped used, if it ended in order.
std::optional<ChildEnd> endAll(const Job& job, Child& warden);

/// Kills what an earlier run left of the job's user.
void killLeftovers(const Job& job);

/// Makes room for the job's folder in the home. Bounded.
Result<void> removeOldFolder(const Job& job);

/// Deletes the job's files and System V objects; false if something is left. Bounded.
bool sweepAll(const Job& job);

}  // namespace tango::autodriver
