// What all parts of the benchmark measure with.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <sys/types.h>

#include "tango/bench/bare_make.hpp"
#include "tango/bench/lane.hpp"
#include "tango/bench/workload.hpp"
#include "tango/client/sync_loop.hpp"

namespace tango::bench {

/// Borrows everything.
struct Measure {
  client::SyncLoop& loop;
  const client::ApiProtocol& protocol;
  const Workload& workload;
  BareMake& bare;
  /// The service's process, if it is known and on this machine.
  std::optional<pid_t> service;

  [[nodiscard]] std::unique_ptr<Lane> newLane() const {
    return std::make_unique<Lane>(loop.executor(), protocol);
  }
  /// The service's processor time so far, as processorSecondsOf has it.
  [[nodiscard]] std::optional<double> serviceSeconds() const;
  /// Its processor time since it was `before`, for each of so many jobs.
  [[nodiscard]] std::optional<double> serviceSecondsSince(std::optional<double> before,
                                                          std::size_t jobs) const;
};

/// Latencies of jobs, and of the bare makes that they are compared with.
struct Latencies {
  std::vector<Millis> tango;
  std::vector<Millis> bare;
  std::vector<PhaseTimes> phases;         ///< of the same jobs, in the same order
  std::optional<double> service_seconds;  ///< processor time of the service's process, each
};

/// What is left of each job's latency beside its phases: HTTP, the store's first write, and the
/// client.
[[nodiscard]] std::vector<Millis> restOf(const Latencies& latencies);

}  // namespace tango::bench
