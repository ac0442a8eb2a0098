// Two byte streams joined in both directions: what comes from one end goes to the other.
#pragma once

#include "autodriver/stop_signals.hpp"
#include "base/result.hpp"

namespace tango::autodriver {

/// Joins `in` and `out` with `socket`, until what `socket` sent has all gone to `out` and it has no
/// more, or until `out` is closed; the end of `in` is told to `socket`. Makes `in` and `out`
/// non-blocking; `socket` must be. An error: told to stop.
base::Result<void> joinStreams(int in, int out, int socket, const StopSignals& stop);

}  // namespace tango::autodriver
