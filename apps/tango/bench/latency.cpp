#include "tango/bench/latency.hpp"

#include <utility>

#include "tango/bench/records.hpp"

namespace tango::bench {
namespace {

// What a job leaves to be done behind its result is the rate's: here it would only disturb the make
// that comes next.
constexpr base::Millis kPauseBehindJob{5};

Millis tookOf(const JobRun& run) {
  return std::chrono::duration<double, std::milli>(run.ended - run.begun).count();
}

}  // namespace

base::Result<Latencies> measureLatency(const Measure& measure, std::size_t jobs) {
  const std::unique_ptr<Lane> lane = measure.newLane();
  Latencies latencies;
  std::vector<std::int64_t> ids;
  const std::optional<double> before = measure.serviceSeconds();
  for (std::size_t at = 0; at < kUnmeasuredJobs + jobs; ++at) {
    const base::Result<JobRun> run = measure.loop.run(runJob(*lane, measure.workload));
    if (!run) {
      return run.error();
    }
    if (const base::Result<void> paused = measure.loop.pause(kPauseBehindJob); !paused) {
      return paused.error();
    }
    const base::Result<BareRuns> bare = measure.bare.once();
    if (!bare) {
      return bare.error();
    }
    if (at >= kUnmeasuredJobs) {
      ids.push_back(run->id);
      latencies.tango.push_back(tookOf(*run));
      latencies.bare.push_back(bare->latencies.front());
    }
  }
  latencies.service_seconds = measure.serviceSecondsSince(before, kUnmeasuredJobs + jobs);
  const base::Result<std::vector<JobRecord>> records =
      measure.loop.run(recordsOf({lane.get()}, std::move(ids)));
  if (!records) {
    return records.error();
  }
  latencies.phases = phasesOf(*records);
  return latencies;
}

}  // namespace tango::bench
