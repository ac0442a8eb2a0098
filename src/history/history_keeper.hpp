// Keeps the history bounded: forgets old jobs in the store, and removes the files that only they
// had.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "files/blob_store.hpp"
#include "files/outputs.hpp"
#include "store/job_store.hpp"

namespace tango::history {

struct HistoryConfig {
  base::Millis ended_jobs_age_max{0};  ///< 0: kept however old
  std::uint64_t ended_jobs_max = 100'000;
  base::Millis unused_files_age_max{0};  ///< 0: kept however old
  /// How often it looks. What is over a bound is gone that much later at most.
  base::Millis interval{600'000};
};

class HistoryKeeper {
 public:
  /// All borrowed. `blocking`: for the work on files.
  HistoryKeeper(const boost::asio::any_io_executor& executor, store::JobStore& store,
                files::BlobStore& blobs, files::Outputs& outputs,
                boost::asio::thread_pool& blocking, HistoryConfig config,
                base::WallClock now = base::unixNow);

  /// Looks for orphans once, and for what is over the bounds at once and then every `interval`,
  /// until `stop`. Failures are logged; the next look tries again.
  boost::asio::awaitable<void> run();
  void stop();
  /// One look: all that is over the bounds goes.
  boost::asio::awaitable<base::Result<void>> look();
  /// Removes content that the store does not know: it was uploaded, and the service was killed
  /// before that was noted.
  boost::asio::awaitable<base::Result<void>> removeOrphans();

 private:
  boost::asio::awaitable<void> removeFiles(store::Forgotten forgotten);

  store::JobStore& store_;
  files::BlobStore& blobs_;
  files::Outputs& outputs_;
  boost::asio::thread_pool& blocking_;
  const HistoryConfig config_;
  const base::WallClock now_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
};

}  // namespace tango::history
