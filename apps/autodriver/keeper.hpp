// The process that makes a container in which an autodriver stands by, and removes what is left of
// it when that has ended.
#pragma once

#include "autodriver/entry.hpp"
#include "autodriver/options.hpp"
#include "autodriver/socket_place.hpp"
#include "autodriver/stop_signals.hpp"

namespace tango::autodriver {

/// Starts it, and returns as soon as the container's autodriver listens at `place`; `place` is
/// locked meanwhile. It is nobody's child then, has nothing of the caller's but what a job
/// inherits, and ends when the autodriver in the container does (the lease is over, say), or with a
/// signal. kUnsupported, in a sentence: a limit that this machine cannot enforce, or no containers.
Result<void> startKeeper(const Options& options, Caller caller, const SocketPlace& place,
                         const StopSignals& stop);

}  // namespace tango::autodriver
