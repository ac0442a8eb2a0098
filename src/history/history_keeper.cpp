#include "history/history_keeper.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/offload.hpp"
#include "base/log.hpp"

namespace tango::history {
namespace {

using base::Result;
using boost::asio::awaitable;

void logFailure(const Result<void>& result) {
  if (!result) {
    base::logWarning("history: " + result.error().message());
  }
}

base::UnixMillis before(base::UnixMillis now, base::Millis age) {
  return age == base::Millis(0) ? 0 : now - age.count();
}

}  // namespace

HistoryKeeper::HistoryKeeper(const boost::asio::any_io_executor& executor, store::JobStore& store,
                             files::BlobStore& blobs, files::Outputs& outputs,
                             boost::asio::thread_pool& blocking, HistoryConfig config,
                             base::WallClock now)
    : store_(store),
      blobs_(blobs),
      outputs_(outputs),
      blocking_(blocking),
      config_(config),
      now_(std::move(now)),
      timer_(executor) {}

awaitable<void> HistoryKeeper::run() {
  const Result<void> swept = co_await removeOrphans();
  logFailure(swept);
  while (!stopped_) {
    const Result<void> looked = co_await look();
    logFailure(looked);
    if (!stopped_) {
      timer_.expires_after(config_.interval);
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
  }
}

void HistoryKeeper::stop() {
  stopped_ = true;
  timer_.cancel();
}

awaitable<Result<void>> HistoryKeeper::look() {
  store::HistoryBounds bounds;
  bounds.now = now_();
  bounds.ended_before = before(now_(), config_.ended_jobs_age_max);
  bounds.ended_jobs_max = config_.ended_jobs_max;
  bounds.files_unused_since = before(now_(), config_.unused_files_age_max);
  while (!stopped_) {
    Result<store::Forgotten> forgotten = co_await store_.forget(bounds);
    if (!forgotten) {
      co_return forgotten.error().during("forget what is over the bounds");
    }
    const bool more = forgotten->more;
    co_await removeFiles(*std::move(forgotten));
    if (!more) {
      break;
    }
  }
  co_return Result<void>();
}

awaitable<Result<void>> HistoryKeeper::removeOrphans() {
  for (unsigned first = 0; first <= std::numeric_limits<unsigned char>::max() && !stopped_;
       ++first) {
    Result<std::vector<std::string>> there = co_await async::offload(
        blocking_, [this, first] { return blobs_.list(static_cast<unsigned char>(first)); });
    if (!there) {
      co_return there.error();
    }
    if (there->empty()) {
      continue;
    }
    const Result<std::vector<std::string>> known = co_await store_.knownBlobs(*there);
    if (!known) {
      co_return known.error();
    }
    store::Forgotten orphans;
    for (std::string& each : *there) {
      if (std::find(known->begin(), known->end(), each) == known->end()) {
        orphans.blobs.push_back(std::move(each));
      }
    }
    co_await removeFiles(std::move(orphans));
  }
  co_return Result<void>();
}

// The store has forgotten them for good, so a file that cannot be removed is only wasted space.
awaitable<void> HistoryKeeper::removeFiles(store::Forgotten forgotten) {
  if (forgotten.jobs.empty() && forgotten.blobs.empty()) {
    co_return;
  }
  const bool done = co_await async::offload(blocking_, [this, forgotten = std::move(forgotten)] {
    for (const std::int64_t job : forgotten.jobs) {
      logFailure(outputs_.remove(job));
    }
    for (const std::string& blob : forgotten.blobs) {
      logFailure(blobs_.remove(blob));
    }
    return true;
  });
  static_cast<void>(done);
}

}  // namespace tango::history
