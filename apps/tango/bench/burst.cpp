#include "tango/bench/burst.hpp"

#include <algorithm>
#include <utility>

#include "tango/bench/together.hpp"
#include "tango/client/answer_fields.hpp"

namespace tango::bench {
namespace {

using base::Result;
using base::SteadyClock;
using boost::json::object;

struct Sending {
  const Workload& workload;
  std::vector<std::int64_t> ids;  ///< in the order in which they were accepted
  std::vector<std::string> requests;
};

struct Times {
  base::Deadline begun;
  base::Deadline added;
  base::Deadline newest_ended;
};

awaitable<Result<void>> addSome(Lane& lane, Sending& sending) {
  while (!sending.requests.empty()) {
    std::string request = std::move(sending.requests.back());
    sending.requests.pop_back();
    const Result<std::int64_t> id = co_await lane.addJob(std::move(request));
    if (!id) {
      co_return id.error();
    }
    sending.ids.push_back(*id);
  }
  co_return Result<void>();
}

/// Whoever looked at the others meanwhile would take time from them.
awaitable<Result<Times>> addAllAndAwaitNewest(const std::vector<Lane*>& lanes, Sending& sending) {
  Times times;
  times.begun = SteadyClock::now();
  std::vector<awaitable<Result<void>>> tasks;
  tasks.reserve(lanes.size());
  for (Lane* lane : lanes) {
    tasks.push_back(addSome(*lane, sending));
  }
  const Result<void> added = co_await together(std::move(tasks));
  if (!added) {
    co_return added.error();
  }
  times.added = SteadyClock::now();
  const std::int64_t newest = *std::max_element(sending.ids.begin(), sending.ids.end());
  const Result<object> job = co_await lanes.front()->endedJob(newest);
  if (!job) {
    co_return job.error();
  }
  times.newest_ended = SteadyClock::now();
  co_return times;
}

awaitable<Result<void>> checkSome(Lane& lane, const Sending& sending, std::size_t& next) {
  while (next < sending.ids.size()) {
    const std::int64_t id = sending.ids[next++];
    const Result<object> job = co_await lane.endedJob(id);
    if (!job) {
      co_return job.error();
    }
    const Result<std::string> output = co_await lane.output(id);
    if (!output && output.error().kind() != base::ErrorKind::kNotFound) {
      co_return output.error();
    }
    const Result<void> right = sending.workload.check(*job, output ? *output : "");
    if (!right) {
      co_return right.error();
    }
  }
  co_return Result<void>();
}

awaitable<Result<void>> checkAll(const std::vector<Lane*>& lanes, const Sending& sending) {
  std::size_t next = 0;
  std::vector<awaitable<Result<void>>> tasks;
  tasks.reserve(lanes.size());
  for (Lane* lane : lanes) {
    tasks.push_back(checkSome(*lane, sending, next));
  }
  Result<void> checked = co_await together(std::move(tasks));
  co_return checked;
}

/// Seconds by which others ended after the newest, which was waited for.
double stragglingOf(const std::vector<JobRecord>& records, const std::vector<std::int64_t>& ids) {
  const auto newest = std::max_element(ids.begin(), ids.end()) - ids.begin();
  const double waited_for = records[static_cast<std::size_t>(newest)].ended_ms;
  double last = waited_for;
  for (const JobRecord& record : records) {
    last = std::max(last, record.ended_ms);
  }
  constexpr double kMillisPerSecond = 1000;
  return (last - waited_for) / kMillisPerSecond;
}

double secondsBetween(base::Deadline begin, base::Deadline end) {
  return std::chrono::duration<double>(end - begin).count();
}

Result<double> bareSeconds(const Measure& measure, std::size_t makes) {
  const Result<BareRuns> runs = measure.bare.onAllCores(
      makes, [](base::Deadline begin, std::size_t) { return begin; },
      [&measure] { return measure.loop.interrupted(); });
  return runs ? Result<double>(runs->seconds) : runs.error();
}

Result<void> runBurst(const Measure& measure, Burst& burst) {
  std::vector<std::unique_ptr<Lane>> owned;
  std::vector<Lane*> lanes;
  for (std::size_t at = 0; at < std::min(kBurstConnections, burst.jobs); ++at) {
    owned.push_back(measure.newLane());
    lanes.push_back(owned.back().get());
  }
  Sending sending{measure.workload, {}, {}};
  sending.requests.reserve(burst.jobs);
  for (std::size_t at = 0; at < burst.jobs; ++at) {
    sending.requests.push_back(measure.workload.newRequest());
  }
  const std::optional<double> before = measure.serviceSeconds();
  const Result<Times> times = measure.loop.run(addAllAndAwaitNewest(lanes, sending));
  if (!times) {
    return times.error();
  }
  burst.service_seconds = measure.serviceSecondsSince(before, burst.jobs);
  if (Result<void> checked = measure.loop.run(checkAll(lanes, sending)); !checked) {
    return checked;
  }
  Result<std::vector<JobRecord>> records = measure.loop.run(recordsOf(lanes, sending.ids));
  if (!records) {
    return records.error();
  }
  burst.records = *std::move(records);
  burst.adding_seconds = secondsBetween(times->begun, times->added);
  burst.seconds =
      secondsBetween(times->begun, times->newest_ended) + stragglingOf(burst.records, sending.ids);
  return {};
}

}  // namespace

Result<Burst> measureBurst(const Measure& measure, std::size_t jobs) {
  Burst burst;
  burst.jobs = jobs;
  const std::size_t half = jobs / 2;
  const Result<double> before = bareSeconds(measure, half);
  if (!before) {
    return before.error();
  }
  if (const Result<void> run = runBurst(measure, burst); !run) {
    return run.error();
  }
  const Result<double> behind = bareSeconds(measure, jobs - half);
  if (!behind) {
    return behind.error();
  }
  burst.bare_seconds = *before + *behind;
  return burst;
}

}  // namespace tango::bench
