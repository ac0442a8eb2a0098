// The helper process of a service: small, single-threaded, without the service's memory, so that
// forking it costs next to nothing. It forks one process a slot and outlives its service just long
// enough to see every slot gone.
#pragma once

namespace tango::sandbox {

/// Serves the packet socket `socket_fd` until the service closes it, then waits for the slots and
/// sweeps the control groups. Returns the exit status.
int runLauncher(int socket_fd);

}  // namespace tango::sandbox
