// A slot's keeper: the process that holds what a slot's jobs share (the user, network, host name
// and cgroup namespaces, the read-only root, the control groups) and clones each job's init out of
// them. It has no rights on the host: root only of its own user namespace, in which just the
// slot's two ids exist.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

struct KeeperSetup {
  const SlotSpec* spec = nullptr;                    ///< borrowed
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed
  bool two_ids = false;
  bool processes_counted = false;  ///< a control group limits their number
  UniqueFd socket;                 ///< to the slot
};

/// Runs in a freshly forked child; never returns. Says kDone or kFailed to each of the slot's
/// messages; the first kDone asks for the id maps, the second says that it is ready.
[[noreturn]] void runKeeper(KeeperSetup setup);

}  // namespace tango::sandbox
