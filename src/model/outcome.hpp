// What the job's program did. All of this is data, not failure of ours: a crash, an exit status of
// 2 and a timeout are outcomes of a run that went well.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "model/limits.hpp"

namespace tango::model {

/// What a run used. A value that the host cannot tell is absent, never 0.
struct Usage {
  std::chrono::microseconds wall_time{0};
  std::optional<std::chrono::microseconds> user_time;
  std::optional<std::chrono::microseconds> system_time;
  /// Its files in memory (tmpfs scratch) included.
  std::optional<std::uint64_t> memory_peak_bytes;
  std::optional<std::uint64_t> processes_peak;
  /// What lay in the scratch folders when the job ended.
  std::optional<std::uint64_t> disk_bytes;
  std::optional<std::uint64_t> disk_inodes;
  /// All output, what was elided included.
  std::uint64_t output_bytes = 0;
};

struct RunOutcome {
  /// make's exit status, if it exited by itself.
  std::optional<int> exit_status;
  /// The signal that killed it otherwise.
  std::optional<int> signal;
  /// The limit that ended the job: the run was stopped for it, or make failed after it was hit.
  /// kDisk only if the disk was still full at the end: a job that cleans up hides it.
  std::optional<Limit> ended_by;
  /// The output limit was passed: the middle of the output is missing.
  bool output_elided = false;
  /// Processes that the kernel killed for want of memory.
  std::uint64_t oom_kills = 0;
  Usage usage;

  [[nodiscard]] bool succeeded() const { return exit_status == 0 && !ended_by; }
  [[nodiscard]] bool timedOut() const {
    return ended_by == Limit::kWallTime || ended_by == Limit::kCpuTime;
  }
};

/// The line that autodriver prints above a job's output, without the line's end. The first two
/// forms are wire facts that clients parse:
///   Autodriver: Job exited with status N
///   Autodriver: Job timed out after N seconds
///   Autodriver: Job used more than N seconds of CPU time
///   Autodriver: Job ended by signal N
[[nodiscard]] std::string autodriverLine(const RunOutcome& outcome, const RunLimits& limits);

/// The exit code that autodriver ends with: 0 the job ran to its end, 2 it timed out.
[[nodiscard]] int autodriverExitCode(const RunOutcome& outcome);

}  // namespace tango::model
