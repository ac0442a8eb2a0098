// The first thing that autodriver does: it becomes a process over which its caller has no power.
// A setuid program inherits from an ordinary user much that it must not trust: open descriptors
// (or standard ones that are closed, so that the next file opened becomes stdout), environment,
// signal dispositions, timers, resource limits, umask, and the real uid, which lets that user send
// it signals.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "autodriver/identity.hpp"
#include "base/result.hpp"

namespace tango::autodriver {

using base::Result;

/// Who called, and what the job inherits from them.
struct Caller {
  Identity identity;
  std::vector<std::string> environment;
  std::array<rlimit, RLIM_NLIMITS> rlimits{};
};

/// Opens /dev/null in the place of standard descriptors that are closed, remembers the caller, and
/// forgets their environment.
Result<Caller> meetCaller();

/// Becomes root in every respect: no signal of the caller's arrives any more, nobody can trace it,
/// only descriptors 0, 1, 2 and `report_fd` stay open (the last is not inherited by programs), and
/// the caller's resource limits are lifted as far as this host permits.
Result<void> takeOver(std::optional<int> report_fd);

/// Closes all but 0, 1, 2 and those in `keep`.
Result<void> closeDescriptorsBut(const std::vector<int>& keep);

/// The default disposition for every signal, the two that the C library keeps to itself included.
void resetDispositions() noexcept;

/// Gives the job back the resource limits that its caller had. Between fork and exec.
void restoreRlimits(const Caller& caller) noexcept;

}  // namespace tango::autodriver
