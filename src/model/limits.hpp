// What a run may use. 0 means "no limit" only where a field says so.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace tango::model {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

/// Set for each run, by the job; the defaults are those that Tango's users know.
struct RunLimits {
  std::chrono::milliseconds wall_time{60'000};
  /// User and system time of all the job's processes together; 0: no limit.
  std::chrono::milliseconds cpu_time{0};
  /// Processes and threads alive at once.
  std::uint64_t processes = 100;
  std::uint64_t file_size_bytes = 100 * kMiB;
  /// Bytes of output that are kept: over it, the first and the last half.
  std::uint64_t output_bytes = 1000 * kKiB;
  std::uint64_t open_files = 1024;
};

/// The limits that a run can hit, as they are named to people.
enum class Limit {
  kWallTime,
  kCpuTime,
  kMemory,
  kProcesses,
  kDisk,
  kOutput,
};

/// "wall time", "CPU time", "memory", "processes", "disk", "output".
[[nodiscard]] std::string_view nameOf(Limit limit);

}  // namespace tango::model
