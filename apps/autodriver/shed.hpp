// What a process that outlives its caller's login gives up of it, beyond what takeOver already has.
#pragma once

namespace tango::autodriver {

/// Scheduling (nice, policy, cores, disk), the kernel's favour when memory runs out, and the
/// control group by which a login's processes are ended with it. Each as far as this machine lets
/// root.
void shedCaller();

}  // namespace tango::autodriver
