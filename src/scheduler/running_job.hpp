// One job on its way: claimed, run by a worker, its output published, its end stored.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "async/event.hpp"
#include "async/time_source.hpp"
#include "base/result.hpp"
#include "files/job_output.hpp"
#include "scheduler/job_queue.hpp"
#include "scheduler/scheduler.hpp"
#include "scheduler/worker.hpp"

namespace tango::scheduler {

class RunningJob {
 public:
  /// Whether the store has the job for good.
  enum class Standing {
    kAccepted,
    kAnnounced,  ///< `accept` or `dismiss` tells; until then nothing of it is stored
  };
  /// All borrowed but `job`.
  RunningJob(const boost::asio::any_io_executor& executor, const SchedulerParts& parts,
             const SchedulerConfig& config, const base::WallClock& now,
             const async::TimeSource& time, SchedulerCounters& counters, const JobQueue& waiting,
             store::WaitingJob job, Standing standing);

  enum class End {
    kEnded,       ///< its end is stored
    kHandedBack,  ///< it is a queued job again
    kLeft,        ///< the service stops, and its end could not be stored: it runs again
    kNotOurs,     ///< it was not queued (any more), or it was dismissed
  };
  /// To its end. Whatever fails for the store's or the disk's reasons is tried until it works, or
  /// until the service stops.
  boost::asio::awaitable<End> run();
  /// Ends it as cancelled. The object must outlive the call.
  boost::asio::awaitable<void> cancel();
  /// What was announced is accepted.
  void accept() { decided_.set(); }
  /// Ends it, and leaves nothing: it was not accepted. The object must outlive the call.
  boost::asio::awaitable<void> dismiss();
  /// Ends it, so that it becomes a queued job again: the service stops.
  boost::asio::awaitable<void> handBack();

  /// When it is to be shown as a running job; nothing: it is already, or is about to end, or is not
  /// accepted yet.
  [[nodiscard]] std::optional<base::Deadline> showDue() const {
    return decided_.isSet() ? show_due_ : std::nullopt;
  }
  /// Shows it as a running job, with what has happened to it, from now on as it happens.
  void show();

  [[nodiscard]] const store::WaitingJob& job() const { return job_; }
  /// Its end owes somebody a callback; known once it has run.
  [[nodiscard]] bool callsBack() const { return calls_back_; }
  /// The VM in which it runs right now.
  [[nodiscard]] const std::optional<model::Vm>& vm() const { return vm_; }

 private:
  boost::asio::awaitable<End> runClaimed();
  boost::asio::awaitable<base::Result<model::JobRecord>> claim();
  boost::asio::awaitable<base::Result<JobRun>> execute(const model::JobRecord& record);
  boost::asio::awaitable<base::Result<void>> beginOutput(const model::JobRecord& record);
  boost::asio::awaitable<base::Result<void>> publish();
  boost::asio::awaitable<base::Result<JobRun>> work(const model::JobRecord& record);
  boost::asio::awaitable<End> finish(const model::JobRecord& record, const JobRun& run);
  boost::asio::awaitable<bool> pauseAfter(const base::Error& error, const char* doing);
  [[nodiscard]] model::Job jobOf(const model::JobRecord& record) const;
  WorkerEvents events();
  void begins(Step step, const model::Vm* vm);
  [[nodiscard]] std::chrono::microseconds endPhase();
  void count(Step step, const base::Error& error);
  void traced(const std::string& line);
  void noteProgress();

  const boost::asio::any_io_executor executor_;
  const SchedulerParts& parts_;
  const SchedulerConfig& config_;
  const base::WallClock& now_;
  const async::TimeSource& time_;
  SchedulerCounters& counters_;
  const JobQueue& waiting_;
  const store::WaitingJob job_;
  std::shared_ptr<Worker> worker_;  ///< shared with a cancel that is under way
  bool reserved_ = true;            ///< a VM is set aside for it in its pool
  int tries_ = 0;
  bool cancelled_ = false;
  bool calls_back_ = false;
  async::Event stopping_;  ///< set by handBack
  async::Event decided_;   ///< it was accepted or dismissed
  bool dismissed_ = false;
  std::optional<model::Vm> vm_;
  model::JobTimes times_;
  std::vector<std::string> trace_;          ///< lines that are not stored yet
  std::optional<base::Deadline> show_due_;  ///< nothing: it is shown, or about to end
  bool shown_ = false;
  model::JobPhases phases_;
  base::Deadline phase_began_;
  std::unique_ptr<files::JobOutput> output_;
  std::uint64_t output_bytes_ = 0;
  std::optional<std::string> small_output_;  ///< for the store to keep
};

}  // namespace tango::scheduler
