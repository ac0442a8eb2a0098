// What tango-cli does, a function a verb.
#pragma once

#include "base/result.hpp"
#include "tango-cli/options.hpp"
#include "tango-cli/wire_client.hpp"

namespace tango::cli {

/// Whether `options` ask for anything.
[[nodiscard]] bool hasVerb(const Options& options);

/// kInvalid: a flag that the verb needs is missing, or says nothing useful.
[[nodiscard]] Result<void> checkOptions(const Options& options);

/// Does what the options ask for; of several verbs the first of open, upload, addJob,
/// getPartialOutput, poll, info, jobs, pool, prealloc, build, runJob. Errors are WireClient's.
Result<void> perform(const Options& options, WireClient& wire);

}  // namespace tango::cli
