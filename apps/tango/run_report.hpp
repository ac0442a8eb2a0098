// What `tango run` says of a job that has ended.
#pragma once

#include <string>
#include <vector>

#include "model/job.hpp"
#include "scheduler/job_run.hpp"

namespace tango::app {

/// One line: how it ended, in words for a person.
[[nodiscard]] std::string verdictText(const model::Job& job, const scheduler::JobRun& run);

/// One line: time, memory, processes, disk and output that it used; "" if it did not run.
[[nodiscard]] std::string usageText(const scheduler::JobRun& run);

/// Everything, as one JSON object for programs. `output` is autodriver's line and the job's output;
/// bytes in it that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string reportJson(const model::Job& job, const scheduler::JobRun& run,
                                     const std::vector<std::string>& trace,
                                     const std::string& output);

/// 0 make succeeded, 1 make failed, 2 a limit ended it, 3 our own failure, 130 cancelled.
[[nodiscard]] int exitStatusOf(const scheduler::JobRun& run);

}  // namespace tango::app
