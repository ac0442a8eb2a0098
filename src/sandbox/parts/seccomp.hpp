// Which system calls a job may not make. A deny list over the whole call table: jobs are ordinary
// programs (compilers, interpreters, debuggers, pthreads, sockets on the loopback), so what is
// taken away is what only an attack on the kernel or a sandbox wants.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/result.hpp"

namespace tango::sandbox {

/// The compiled filter; made once, before the first job, since making it allocates.
base::Result<std::vector<sock_filter>> makeSeccompFilter();

/// Installs it for the calling thread and all that it will start. Needs no_new_privs. Allocates
/// nothing. False: errno says why.
bool installSeccompFilter(const std::vector<sock_filter>& filter);

}  // namespace tango::sandbox
