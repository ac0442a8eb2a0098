// Limits and machines as the API says them.
#pragma once

#include <chrono>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/v1/json_fields.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"

namespace tango::api::v1 {

/// `fields`' member "limits" over `limits`, which keeps what is left out.
void readLimits(JsonFields& fields, std::optional<Problem>& problem, model::RunLimits& limits);
/// `fields`' member "machine" over `machine`.
void readMachine(JsonFields& fields, std::optional<Problem>& problem, model::MachineSpec& machine);

[[nodiscard]] boost::json::object limitsJson(const model::RunLimits& limits);
/// Without the image.
[[nodiscard]] boost::json::object machineJson(const model::MachineSpec& machine);

/// A quotient as a JSON number, a whole one where it is: 60000 / 1000 is 60, 1500 / 1000 is 1.5.
[[nodiscard]] boost::json::value quotientJson(std::int64_t dividend, std::int64_t divisor);

}  // namespace tango::api::v1
