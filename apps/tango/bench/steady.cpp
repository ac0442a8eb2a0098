#include "tango/bench/steady.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tango/bench/records.hpp"
#include "tango/bench/together.hpp"

namespace tango::bench {
namespace {

using base::Deadline;
using base::Result;
using base::SteadyClock;

// Connections for the records, which nobody waits for.
constexpr std::size_t kReadersMax = 8;
// Until the first job is due: thousands of coroutines take a moment to be made.
constexpr base::Millis kSetUp{100};

/// Connections that are made as they are needed, and used again.
class Lanes {
 public:
  explicit Lanes(const Measure& measure) : measure_(measure) {}

  Lane* take() {
    if (free_.empty()) {
      all_.push_back(measure_.newLane());
      return all_.back().get();
    }
    Lane* lane = free_.back();
    free_.pop_back();
    return lane;
  }
  void put(Lane* lane) { free_.push_back(lane); }
  [[nodiscard]] std::vector<Lane*> some() const {
    return {free_.begin(),
            free_.begin() + static_cast<std::ptrdiff_t>(std::min(free_.size(), kReadersMax))};
  }

 private:
  const Measure& measure_;
  std::vector<std::unique_ptr<Lane>> all_;
  std::vector<Lane*> free_;
};

/// One after the other at equal distances.
DueTime everySoOften(double rate) {
  return [rate](Deadline begin, std::size_t run) {
    const std::chrono::duration<double> later(static_cast<double>(run) / rate);
    return begin + std::chrono::duration_cast<SteadyClock::duration>(later);
  };
}

struct Coming {
  const Workload& workload;
  Lanes& lanes;
  std::vector<Millis> latencies;
  std::vector<std::int64_t> ids;
};

awaitable<Result<void>> runDueJob(Coming& coming, Deadline due) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, due);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  Lane* lane = coming.lanes.take();
  const Result<JobRun> run = co_await runJob(*lane, coming.workload);
  if (!run) {
    co_return run.error();
  }
  coming.lanes.put(lane);
  coming.latencies.push_back(std::chrono::duration<double, std::milli>(run->ended - due).count());
  coming.ids.push_back(run->id);
  co_return Result<void>();
}

Result<void> runJobs(const Measure& measure, std::size_t jobs, const DueTime& due,
                     Latencies& latencies) {
  Lanes lanes(measure);
  Coming coming{measure.workload, lanes, {}, {}};
  std::vector<awaitable<Result<void>>> tasks;
  tasks.reserve(jobs);
  const std::optional<double> before = measure.serviceSeconds();
  const Deadline begin = base::after(kSetUp);
  for (std::size_t at = 0; at < jobs; ++at) {
    tasks.push_back(runDueJob(coming, due(begin, at)));
  }
  if (Result<void> run = measure.loop.run(together(std::move(tasks))); !run) {
    return run;
  }
  latencies.service_seconds = measure.serviceSecondsSince(before, jobs);
  const Result<std::vector<JobRecord>> records =
      measure.loop.run(recordsOf(lanes.some(), coming.ids));
  if (!records) {
    return records.error();
  }
  latencies.tango = std::move(coming.latencies);
  latencies.phases = phasesOf(*records);
  return {};
}

}  // namespace

std::size_t steadyJobs(double rate, double seconds) {
  return static_cast<std::size_t>(std::max(1.0, std::floor(rate * seconds)));
}

Result<Steady> measureSteady(const Measure& measure, double rate, double seconds) {
  Steady steady{rate, seconds, {}};
  const DueTime due = everySoOften(rate);
  const std::size_t jobs = steadyJobs(rate, seconds);
  if (const Result<void> run = runJobs(measure, jobs, due, steady.latencies); !run) {
    return run.error();
  }
  Result<BareRuns> bare =
      measure.bare.onAllCores(jobs, due, [&measure] { return measure.loop.interrupted(); });
  if (!bare) {
    return bare.error();
  }
  steady.latencies.bare = std::move(bare->latencies);
  return steady;
}

}  // namespace tango::bench
