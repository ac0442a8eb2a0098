// What the service itself takes: memory and processor time, as the kernel counts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace tango::bench {

struct Memory {
  std::size_t processes = 0;
  std::uint64_t rss_bytes = 0;  ///< shared pages count once for each process
  /// Shared pages count once in all; nothing where the kernel does not let us see it.
  std::optional<std::uint64_t> pss_bytes;
};

/// `root` and all that descends from it, by each process's parent.
[[nodiscard]] std::vector<pid_t> treeOf(pid_t root, const std::map<pid_t, pid_t>& parents);

/// Of the process and all its descendants. kNotFound: there is no such process.
base::Result<Memory> memoryOf(pid_t root);

/// Of the process alone, all its threads so far. kNotFound: there is no such process.
base::Result<double> processorSecondsOf(pid_t pid);

}  // namespace tango::bench
