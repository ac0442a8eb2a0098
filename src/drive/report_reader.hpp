// A report as a program reads it: the counterpart of drive/report.hpp.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "model/outcome.hpp"

namespace tango::drive {

/// The outcome that `json` (from reportJson, but out of a machine that ran a job, so it is checked
/// like anything from outside) tells. kSystem names the field that is missing or wrong. Keys that
/// are not known are passed over.
base::Result<model::RunOutcome> parseReport(std::string_view json);

}  // namespace tango::drive
