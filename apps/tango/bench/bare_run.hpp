// One make, started as cheaply as Linux can.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "tango/bench/bare_make.hpp"

namespace tango::bench {

/// Runs `make` in `folder`, with the environment that jobs have, until it has ended. kInvalid: it
/// failed; the message has its output. Any thread.
base::Result<BareRun> runMake(const std::filesystem::path& folder);

}  // namespace tango::bench
