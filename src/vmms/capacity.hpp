// How much VMs take, and how much there is for them.
#pragma once

#include <cstdint>

#include "model/machine_spec.hpp"

namespace tango::vmms {

/// How much a VMMS can run at once (0: unbounded), or what VMs take of it.
struct Capacity {
  std::uint64_t cpu_millis = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t vms = 0;
};

/// What one VM of `machine` takes of its VMMS; one that may use all cores counts as one core.
[[nodiscard]] Capacity shareOf(const model::MachineSpec& machine);

/// Sums and differences of what VMs take.
[[nodiscard]] Capacity plus(const Capacity& one, const Capacity& other);
[[nodiscard]] Capacity minus(const Capacity& one, const Capacity& other);

/// Whether `more` fits beside `used`; a capacity of 0 is unbounded.
[[nodiscard]] bool fits(const Capacity& capacity, const Capacity& used, const Capacity& more);

/// What two machines have together: where one is unbounded, so are both.
[[nodiscard]] Capacity sumOfBounds(const Capacity& one, const Capacity& other);

}  // namespace tango::vmms
