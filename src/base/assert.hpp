// A broken promise of our own code. Unlike assert(3), the check stays in release builds: a service
// that grades must stop rather than go on with a state that it does not understand.
#pragma once

namespace tango::base {

/// Prints `file:line: what` to stderr and aborts. Allocates nothing.
[[noreturn]] void assertionFailed(const char* file, int line, const char* what) noexcept;

}  // namespace tango::base

#define TANGO_ASSERT(condition, what) \
  ((condition) ? static_cast<void>(0) : ::tango::base::assertionFailed(__FILE__, __LINE__, (what)))
