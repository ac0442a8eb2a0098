#include "tango/bench/records.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.hpp"
#include "tango/bench/together.hpp"
#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"

namespace tango::bench {
namespace {

using boost::json::object;

// How long a job's last note is waited for.
constexpr int kTries = 50;
constexpr base::Millis kPause{20};

double timeOf(const object& job, const char* name) {
  const std::string time = client::textOf(client::objectOf(job, "times"), name);
  return static_cast<double>(client::unixMillisOf(time).value_or(0));
}

JobRecord recordFrom(const object& job) {
  JobRecord record;
  record.added_ms = timeOf(job, "added");
  record.ended_ms = timeOf(job, "ended");
  const object& phases = client::objectOf(job, "phases");
  for (std::size_t at = 0; at < kPhases.size(); ++at) {
    record.phases.at(at) = client::numberOf(phases, kPhases.at(at).key);
  }
  return record;
}

awaitable<Result<JobRecord>> recordOf(Lane& lane, std::int64_t id) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (int tried = 1;; ++tried) {
    const Result<object> job = co_await lane.job(id);
    if (!job) {
      co_return job.error();
    }
    const JobRecord record = recordFrom(*job);
    if (record.phases.back() || tried == kTries) {
      co_return record;
    }
    timer.expires_after(kPause);
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

struct Reading {
  const std::vector<std::int64_t>& ids;
  std::vector<JobRecord>& records;
  std::size_t next = 0;
};

awaitable<Result<void>> readSome(Lane& lane, Reading& reading) {
  while (reading.next < reading.ids.size()) {
    const std::size_t at = reading.next++;
    const Result<JobRecord> record = co_await recordOf(lane, reading.ids[at]);
    if (!record) {
      co_return record.error();
    }
    reading.records[at] = *record;
  }
  co_return Result<void>();
}

}  // namespace

awaitable<Result<std::vector<JobRecord>>> recordsOf(std::vector<Lane*> lanes,
                                                    std::vector<std::int64_t> ids) {
  std::vector<JobRecord> records(ids.size());
  Reading reading{ids, records};
  std::vector<awaitable<Result<void>>> readers;
  readers.reserve(lanes.size());
  for (Lane* lane : lanes) {
    readers.push_back(readSome(*lane, reading));
  }
  const Result<void> read = co_await together(std::move(readers));
  if (!read) {
    co_return read.error();
  }
  co_return records;
}

std::vector<PhaseTimes> phasesOf(const std::vector<JobRecord>& records) {
  std::vector<PhaseTimes> phases;
  phases.reserve(records.size());
  for (const JobRecord& record : records) {
    phases.push_back(record.phases);
  }
  return phases;
}

}  // namespace tango::bench
