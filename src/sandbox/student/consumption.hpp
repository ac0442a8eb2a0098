// What a run's processes use together.
#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace tango::sandbox {

struct Consumption {
  std::uint64_t user_us = 0;
  std::uint64_t system_us = 0;
  std::uint64_t resident_bytes = 0;  ///< of those alive now; what they share counts for each
};

/// Of all that the caller has waited for, and of `alive`.
[[nodiscard]] Consumption consumptionOf(const std::vector<pid_t>& alive);
/// Of a pid namespace, to be asked by its first process, which sees it in /proc.
[[nodiscard]] Consumption consumptionOfAll();

}  // namespace tango::sandbox
