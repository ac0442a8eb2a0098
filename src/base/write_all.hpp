// write(2) until everything is written.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace tango::base {

/// Writes all of `bytes` to the blocking descriptor `fd`; `what` names the file in an error.
Result<void> writeAll(int fd, std::string_view bytes, std::string_view what = "the output file");

}  // namespace tango::base
