// Resource limits of one process (setrlimit(2)): set between fork and exec, so nothing here
// allocates, locks or throws.
#pragma once

#include <cstdint>

namespace tango::sandbox {

/// 0: left as inherited.
struct Rlimits {
  /// Processes and threads of the user, all of them together, wherever they were started.
  std::uint64_t processes = 0;
  /// The size that a process can make any one file.
  std::uint64_t file_size_bytes = 0;
  std::uint64_t open_files = 0;
};

/// Sets the soft and the hard limit of `resource` (RLIMIT_...) to `value`, or to the hard limit in
/// force where that is lower: it never raises one, so it needs no privilege. 0 or an errno.
[[nodiscard]] int lowerRlimit(int resource, std::uint64_t value) noexcept;

/// Lowers what `limits` names, and forbids core files. 0 or an errno.
[[nodiscard]] int applyRlimits(const Rlimits& limits) noexcept;

}  // namespace tango::sandbox
