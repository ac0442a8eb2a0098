// What the service notes of each job: when it came and ended, and how long each phase took.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "tango/bench/lane.hpp"
#include "tango/bench/samples.hpp"

namespace tango::bench {

/// What the service's own notes say of an ended job.
struct JobRecord {
  double added_ms = 0;  ///< since 1970, by the server's clock
  double ended_ms = 0;
  PhaseTimes phases;
};

/// The records of these jobs, in their order. What is noted only behind a job's end is waited for.
awaitable<Result<std::vector<JobRecord>>> recordsOf(std::vector<Lane*> lanes,
                                                    std::vector<std::int64_t> ids);
[[nodiscard]] std::vector<PhaseTimes> phasesOf(const std::vector<JobRecord>& records);

}  // namespace tango::bench
