// How much a VMMS or a host of its can run, in JSON.
#pragma once

#include <boost/json/object.hpp>

#include "vmms/registry.hpp"

namespace tango::api::v1 {

/// What is unbounded is null.
[[nodiscard]] boost::json::object capacityJson(const vmms::Capacity& capacity);
[[nodiscard]] boost::json::object usedJson(const vmms::Capacity& used);

}  // namespace tango::api::v1
