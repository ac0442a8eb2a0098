// What the VMs of an image are like, for jobs that can only name the image: on the wire, cores and
// memory are given with prealloc alone, and count for all jobs of that image.
#pragma once

#include <string>

#include "api/service.hpp"
#include "model/machine_spec.hpp"

namespace tango::api::wire {

/// `machine` (as configured, with its image), or what VMs of its image were preallocated as, if
/// they were preallocated as something else only. Network: only where `machine` has it too. `vmms`
/// may be
/// "": the image's.
[[nodiscard]] model::MachineSpec machineFor(const Service& service, const std::string& vmms,
                                            model::MachineSpec machine);

}  // namespace tango::api::wire
