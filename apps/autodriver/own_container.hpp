// The first process of a container of our own making: it makes its view of the machine, gives up
// what rights it needs no more, and stands by.
#pragma once

#include "autodriver/job.hpp"
#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/parts/cgroup.hpp"

namespace tango::autodriver {

struct OwnContainer {
  Job job;
  base::UniqueFd listener;
  base::Millis lease;
  std::uint64_t memory_bytes = 0;    ///< it has; 0: unknown
  sandbox::Cgroup* group = nullptr;  ///< the one that this process is in
  int channel = -1;                  ///< to the keeper
};

/// The process's program, in new namespaces; returns its exit status. It begins with the keeper's
/// command, and answers with a Note once it can be connected to.
int runInContainer(OwnContainer container);

}  // namespace tango::autodriver
