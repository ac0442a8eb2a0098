// The step from a job's init to `make`: the child that gives up every right and becomes the job.
#pragma once

#include <string>
#include <vector>

#include <linux/filter.h>
#include <sys/types.h>

#include "base/result.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

/// What the child needs; all of it is made before the fork, since the child must not allocate.
struct JobProcess {
  JobUser user;
  bool two_ids = false;            ///< the job's user is another than init's
  bool processes_counted = false;  ///< a control group limits their number
  std::vector<std::string> environment;
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed
  JobLimits limits;
  int output = -1;  ///< borrowed: becomes stdout and stderr
};

/// Starts `make` in the work folder and returns its pid once it runs. kInvalid: the image has no
/// make.
Result<pid_t> startJob(const JobProcess& job);

}  // namespace tango::sandbox
