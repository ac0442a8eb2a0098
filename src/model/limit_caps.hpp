// The most that any job may ask for on this site, as its administrator set it.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "model/job.hpp"

namespace tango::model {

/// Absent: no cap.
struct LimitCaps {
  std::optional<std::chrono::milliseconds> wall_time;
  std::optional<std::chrono::milliseconds> cpu_time;
  std::optional<std::uint64_t> processes;
  std::optional<std::uint64_t> file_size_bytes;
  std::optional<std::uint64_t> output_bytes;
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> cpu_millis;
  std::optional<std::uint64_t> disk_bytes;
  std::optional<std::uint64_t> disk_inodes;
  /// Whether a job may have the host's network at all.
  bool network = true;
};

/// kInvalid names the first limit of `job` that is over its cap. A limit of 0 where that means
/// "none" is over every cap.
base::Result<void> checkCaps(const Job& job, const LimitCaps& caps);

}  // namespace tango::model
