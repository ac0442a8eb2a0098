// All bytes of one file into another.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace tango::base {

/// Reads the blocking descriptor `from` to its end and writes all of it to `to`; `what` names the
/// file in an error. For one thread at a time.
Result<void> copyBytes(int from, int to, std::string_view what);

}  // namespace tango::base
