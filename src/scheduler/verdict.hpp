// What a finished run comes to, as the store keeps it.
#pragma once

#include "model/job_record.hpp"
#include "scheduler/job_run.hpp"

namespace tango::scheduler {

[[nodiscard]] model::Verdict verdictOf(const JobRun& run);

}  // namespace tango::scheduler
