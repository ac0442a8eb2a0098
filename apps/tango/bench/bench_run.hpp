// One run of the benchmark, from the server's start to its end.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "tango/bench/bench_options.hpp"
#include "tango/bench/report.hpp"
#include "tango/client/sync_loop.hpp"

namespace tango::bench {

/// Measures what `options` (checked ones) ask for. Whatever it started or made is gone when it
/// returns. kCancelled: `loop` was interrupted. `data_folder` is where the key of this machine's
/// service is looked for; "": in the usual place.
base::Result<Report> runBench(const Options& options, const std::string& data_folder,
                              const std::shared_ptr<client::SyncLoop>& loop);

}  // namespace tango::bench
