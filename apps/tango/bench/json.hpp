// The report for programs.
#pragma once

#include <boost/json/object.hpp>

#include "tango/bench/report.hpp"

namespace tango::bench {

/// docs/bench.md has its fields. A part that was left out is null.
[[nodiscard]] boost::json::object jsonOf(const Report& report);

}  // namespace tango::bench
