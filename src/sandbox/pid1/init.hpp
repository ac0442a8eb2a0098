// The first process of a job's pid namespace: it prepares the job's mounts, takes in its files,
// runs make, ends everything when make ends or its time is over, and says how it went. When it
// dies, the kernel kills whatever the job left.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

struct InitSetup {
  const SlotSpec* spec = nullptr;                    ///< borrowed
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed
  bool two_ids = false;
  bool processes_counted = false;  ///< a control group limits their number
  UniqueFd socket;                 ///< to the service
};

/// Runs in a process that was just cloned into new pid, mount and ipc namespaces; never returns.
[[noreturn]] void runInit(InitSetup setup);

}  // namespace tango::sandbox
