// What all processes of a pid namespace use together, as its first process sees it.
#pragma once

#include <cstdint>

namespace tango::sandbox {

struct Consumption {
  std::uint64_t user_us = 0;
  std::uint64_t system_us = 0;
  std::uint64_t resident_bytes = 0;  ///< of those alive now; what they share counts for each
};

/// To be asked by the first process, which sees its own namespace in /proc: those alive, and all
/// that were waited for.
[[nodiscard]] Consumption consumption();

}  // namespace tango::sandbox
