// The folder in which an autodriver that stands by runs its job: HOME/autolab. The home, or that
// folder alone, is a file system in memory that the container's engine has mounted.
#pragma once

#include "autodriver/job.hpp"
#include "autodriver/service_end.hpp"
#include "autodriver/stop_signals.hpp"
#include "base/result.hpp"

namespace tango::autodriver {

inline constexpr const char* kJobFolder = "autolab";

/// Gives the home, or if that is read-only the folder in it, to `account`, and has the folder made
/// with that user's rights. kUnsupported: none of them can be written to. No job may have run yet.
Result<void> prepareJobFolder(const Job& job, const StopSignals& stop);

/// Has the files of the tree stream that `service` sends made in the folder, by a process with
/// autograde's rights only. kTooLarge: they do not fit; kInvalid: the stream says why it is none;
/// kTimeout: it paused for longer than the lease; kCancelled: see ServiceEnd.
Result<void> takeFiles(const Job& job, ServiceEnd& service);

}  // namespace tango::autodriver
