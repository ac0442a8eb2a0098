// From make's start to its end: reads its output, and stops it when its time is over.
#pragma once

#include "autodriver/follower.hpp"
#include "autodriver/output_spool.hpp"
#include "autodriver/warden.hpp"
#include "model/outcome.hpp"

namespace tango::autodriver {

/// What the loop works with; all of it outlives the call.
struct Watched {
  const Job& job;
  model::RunLimits limits;  ///< of which times are watched here; 0: no limit
  Warden& warden;
  const sandbox::Cgroup* group;  ///< may be null
  int output_fd;                 ///< read end of the job's stdout and stderr, non-blocking
  OutputSpool& spool;
  const StopSignals& stop;
  Follower* follower = nullptr;     ///< may be null
  std::uint64_t own_processes = 1;  ///< of ours in the group: the warden, and who else
};

/// Starts make and returns when it and everything that it started are dead: by themselves, or
/// because a limit was hit. An error is ours (it could not be started, somebody stopped
/// autodriver), and then everything is dead as well.
Result<model::RunOutcome> watchJob(const Watched& watched);

}  // namespace tango::autodriver
