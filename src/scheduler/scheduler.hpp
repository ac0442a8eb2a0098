// Takes jobs from the queue to their end: which job runs next, on which VM, and the one transaction
// that ends it. Event-driven: a new job, a free VM, a job's end; it never polls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "async/time_source.hpp"
#include "base/clock.hpp"
#include "files/outputs.hpp"
#include "model/job.hpp"
#include "model/job_record.hpp"
#include "pool/pools.hpp"
#include "store/job_store.hpp"
#include "vmms/registry.hpp"

namespace boost::asio {
class thread_pool;
}

namespace tango::scheduler {

struct SchedulerConfig {
  int retries_max = model::kJobRetriesDefault;  ///< Tango's JOB_RETRIES
  base::Millis wait_vm_timeout{60'000};
  /// How long a callback is held after its job was added (wire.md: Autolab's own race).
  base::Millis callback_hold{1'000};
};

/// All borrowed.
struct SchedulerParts {
  store::JobStore& store;
  files::Outputs& outputs;
  pool::Pools& pools;
  const vmms::Registry& registry;
  boost::asio::thread_pool& blocking;  ///< for what blocks
  /// Where the content of a pinned input lies, by its SHA-256.
  std::function<std::filesystem::path(const std::string& sha256)> blob_path;
};

/// What `/info` tells, since the service started.
struct SchedulerCounters {
  std::uint64_t job_requests = 0;
  std::uint64_t job_retries = 0;
  std::uint64_t waitvm_timeouts = 0;
  std::uint64_t runjob_timeouts = 0;
  std::uint64_t copyin_errors = 0;
  std::uint64_t runjob_errors = 0;
  std::uint64_t copyout_errors = 0;
};

class Scheduler {
 public:
  static std::unique_ptr<Scheduler> make(boost::asio::any_io_executor executor,
                                         SchedulerParts parts, SchedulerConfig config,
                                         base::WallClock now = base::unixNow,
                                         async::TimeSource time = {});
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;

  /// Takes up the unfinished jobs of an earlier service (JobStore::recoverJobs).
  virtual boost::asio::awaitable<base::Result<void>> recover() = 0;
  /// Accepts a job and runs it when its turn has come; the errors are JobStore::addJob's, and
  /// `options.announce` is the scheduler's own. One that can begin at once does so while its
  /// acceptance is still on its way to the disk: if that fails, it ends and leaves nothing.
  virtual boost::asio::awaitable<base::Result<store::AddedJob>> add(model::Submission submission,
                                                                    store::AddOptions options) = 0;
  /// A job ended that never was in the queue, since it was refused: the listeners are told.
  virtual void refused(std::int64_t id) = 0;
  /// Ends a queued or running job as cancelled; returns when it has ended. kNotFound: there is no
  /// such job; kExists: it has ended already.
  virtual boost::asio::awaitable<base::Result<void>> cancel(std::int64_t id) = 0;
  /// What the running job has written so far. kNotFound: no such job runs; kUnsupported: its VMMS
  /// cannot show it.
  virtual base::Result<std::string> partialOutput(std::int64_t id) = 0;
  /// A queued job's place among those of its VMMS and image, from 1.
  [[nodiscard]] virtual std::optional<std::size_t> rank(std::int64_t id) const = 0;
  [[nodiscard]] virtual std::size_t queued() const = 0;
  [[nodiscard]] virtual std::size_t running() const = 0;
  [[nodiscard]] virtual SchedulerCounters counters() const = 0;
  /// Returns once the job has ended (true), or at `deadline` (false). An unknown job has ended.
  virtual boost::asio::awaitable<bool> waitEnded(std::int64_t id, base::Deadline deadline) = 0;
  /// Told of a job that has ended (its end is stored), and whether it wants to be called back.
  using EndListener = std::function<void(std::int64_t id, bool calls_back)>;
  virtual void onEnded(EndListener listener) = 0;
  /// Starts no more jobs, waits for the running ones until `deadline`, and hands the rest back to
  /// the queue. Afterwards nothing of it runs.
  virtual boost::asio::awaitable<void> drain(base::Deadline deadline) = 0;
};

}  // namespace tango::scheduler
