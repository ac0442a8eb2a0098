// How a command ended and what it used, as a grader's program wants to read it.
#pragma once

#include <string>

#include "student/run.hpp"

namespace tango::student {

/// One JSON object on one line: exit_status and signal (one of them null), limit (null, or the one
/// that ended it: "wall_time", "cpu_time", "memory", "output"), wall_seconds, user_seconds,
/// system_seconds, memory_peak_bytes, disk_bytes, disk_full, output_bytes, and error: null.
[[nodiscard]] std::string reportJson(const Finished& finished);

/// The same object of a command that was not run: all of it null but `error`.
[[nodiscard]] std::string reportJson(const std::string& error);

}  // namespace tango::student
