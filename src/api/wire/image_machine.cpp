#include "api/wire/image_machine.hpp"

#include <optional>
#include <utility>

namespace tango::api::wire {

model::MachineSpec machineFor(const Service& service, const std::string& vmms,
                              model::MachineSpec machine) {
  const std::string place = service.registry.vmmsFor(vmms, machine.image);
  std::optional<model::MachineSpec> other;
  for (pool::PoolView& view : service.pools.view()) {
    if (view.preallocated == 0 || view.key.vmms != place ||
        view.key.machine.image != machine.image) {
      continue;
    }
    if (view.key.machine == machine) {
      return machine;
    }
    other = std::move(view.key.machine);
  }
  if (!other) {
    return machine;
  }
  other->network = other->network && machine.network;
  return *std::move(other);
}

}  // namespace tango::api::wire
