// One command, from the request to its end: what goes in and out of it passes through here.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "sandbox/student/messages.hpp"
#include "student/options.hpp"

namespace tango::student {

struct Finished {
  sandbox::StudentEnd end;
  std::uint64_t output_bytes = 0;  ///< that were passed on
};

/// kNotFound: there is no such command; kInvalid: it cannot be executed; anything else: it could
/// not be run as promised.
[[nodiscard]] base::Result<Finished> runCommand(const Options& options);

}  // namespace tango::student
