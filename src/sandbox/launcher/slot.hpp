// One slot: a process of its own that owns the control groups and the keeper of one sandbox, and
// serves one service's socket. Straight-line code: whatever it waits for, no other slot waits.
#pragma once

#include <string>
#include <vector>

#include <linux/filter.h>

#include "base/unique_fd.hpp"
#include "sandbox/parts/cgroup.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

struct SlotSetup {
  SlotSpec spec;
  unsigned number = 0;                               ///< unique among its launcher's slots
  std::string cgroup_name;                           ///< unique on this host
  const CgroupTree* cgroups = nullptr;               ///< borrowed
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed
  UniqueFd socket;                                   ///< to the service
};

/// Runs in a freshly forked child until the service closes the socket; then nothing of the slot is
/// left. Never returns.
[[noreturn]] void runSlot(SlotSetup setup);

}  // namespace tango::sandbox
