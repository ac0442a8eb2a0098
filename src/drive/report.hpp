// What a run used, as a program wants to read it.
#pragma once

#include <string>

#include "model/outcome.hpp"

namespace tango::drive {

/// One JSON object on one line: exit_status and signal (one of them null), limit (null, or the one
/// that was hit: "wall_time", "cpu_time", "memory", "processes", "disk"; "output" if none of these
/// and the output's middle is missing), wall_seconds, user_seconds, system_seconds,
/// memory_peak_bytes, processes_peak, output_bytes, disk_bytes, disk_inodes (null: unknown),
/// output_elided, oom_kills, and cleaned: false if files of the job are left. An `ended_by` of
/// kOutput is not told from none: it is no end.
[[nodiscard]] std::string reportJson(const model::RunOutcome& outcome, bool cleaned);

}  // namespace tango::drive
