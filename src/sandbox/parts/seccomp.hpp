// Which system calls a job may not make. A deny list over the whole call table: jobs are ordinary
// programs (compilers, interpreters, debuggers, pthreads, sockets on the loopback), so what is
// taken away is what only an attack on the kernel or a sandbox wants.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/result.hpp"

namespace tango::sandbox {

/// What may be taken away beside, from a program that shares namespaces with those who must be safe
/// from it.
struct Withheld {
  bool named_ipc = false;  ///< System V's shared memory, semaphores and queues, POSIX's queues
  bool sockets = false;    ///< all but a pair that is connected with itself for good
};

/// The compiled filter; made before there is a job, since making it allocates.
base::Result<std::vector<sock_filter>> makeSeccompFilter(Withheld withheld = {});

/// Installs it for the calling thread and all that it will start. Needs no_new_privs. Allocates
/// nothing. False: errno says why.
bool installSeccompFilter(const std::vector<sock_filter>& filter);

}  // namespace tango::sandbox
