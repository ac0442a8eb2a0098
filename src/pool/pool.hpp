// What BackgroundPools keeps of one pool and of one VMMS.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <string>

#include "async/event.hpp"
#include "base/clock.hpp"
#include "pool/pool_plan.hpp"
#include "pool/vm_source.hpp"
#include "vmms/registry.hpp"

namespace tango::pool {

enum class VmState {
  kReserved,  ///< for a job: a VM, or only the room for one
  kMaking,    ///< ahead, for nobody yet
  kFree,
  kTaken,
};

struct PooledVm {
  VmState state = VmState::kMaking;
  model::Vm vm;           ///< unnamed while it is only room
  bool exists = false;    ///< its VMMS has it, or may have it
  bool settled = false;   ///< whether it could be made is known
  bool unwanted = false;  ///< kMaking: it goes as soon as that has ended
  base::Deadline idle_since;
};

/// A job that waits inside of `take`.
struct Taker {
  Try which = Try::kFirst;
  bool granted = false;  ///< one of its pool's reservations is for it
  async::Event wake;
};

struct Pool {
  PoolKey key;
  std::uint64_t preallocated = 0;
  std::uint64_t busy_peak = 0;
  base::Deadline used_at;  ///< when a job last came or went, or it was preallocated
  bool asleep = false;     ///< no job came for so long that its VMMS keeps none for it
  std::list<PooledVm> vms;
  std::list<Taker*> takers;
  std::uint64_t granted = 0;  ///< reservations that are for those who were takers
  bool waiting = false;       ///< it asked for room and got none
  int passes = 0;             ///< how many others were served since
  Backoff backoff;            ///< of making VMs ahead for this pool

  [[nodiscard]] std::uint64_t count(VmState state) const {
    return static_cast<std::uint64_t>(
        std::count_if(vms.begin(), vms.end(),
                      [state](const PooledVm& vm) { return vm.state == state && !vm.unwanted; }));
  }
  [[nodiscard]] PoolNeed need(std::uint64_t vms_max) const {
    return {asleep ? 0 : preallocated, busy_peak,
            count(VmState::kTaken) + count(VmState::kReserved),
            count(VmState::kFree) + count(VmState::kMaking), vms_max};
  }
  /// Asked for in vain, so long that nobody else may be served.
  [[nodiscard]] bool isOverdue() const { return waiting && passes >= kPassesMax; }
};

struct BackendState {
  vmms::Capacity used;
  vmms::Capacity leaving;       ///< of that, what is being destroyed
  std::uint64_t unsettled = 0;  ///< VMs of which it is not known yet whether they can be made
  bool reaping = false;         ///< an earlier service's VMs are not gone yet
  std::uint64_t leftovers = 0;  ///< of those, the ones whose first attempt is not over
  Backoff backoff;
  std::string reason;  ///< the last failure
};

}  // namespace tango::pool
