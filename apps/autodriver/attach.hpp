// `autodriver --attach`: the standard streams of this process, which ssh gives to a service, are
// joined with an autodriver that stands by on this machine in a container of its own making. That
// one is started if it is not there yet, and outlives the connection.
//
// Theory of operation. Four kinds of process:
//   attach      the one that was called; root. Connects to the socket, then only moves bytes.
//   keeper      started once, on its own ever after; root. Makes the control group, the socket and
//               the container, and removes them when the container has ended.
//   stand-by    first process of the container's namespaces; root with few rights. See
//   stand_by.hpp. warden, job as in any container.
// Whoever may call this program as root may connect; a job may not, and has no way to the socket:
// /run is another folder in the container, and it can gain no right.
#pragma once

#include "autodriver/entry.hpp"
#include "autodriver/options.hpp"

namespace tango::autodriver {

/// Returns the program's exit status: 0 when the connection has ended, 3 if there was none; what
/// went wrong is then told to the service as kFailed, and on stderr.
int attach(const Options& options, const Caller& caller);

}  // namespace tango::autodriver
