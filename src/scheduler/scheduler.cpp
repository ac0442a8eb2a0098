#include "scheduler/scheduler.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/task_group.hpp"
#include "base/log.hpp"
#include "scheduler/job_queue.hpp"
#include "scheduler/job_text.hpp"
#include "scheduler/running_job.hpp"

namespace tango::scheduler {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;

// Between two attempts at what only a full disk or a broken store can fail.
constexpr base::Millis kStorePause{1'000};

// Of so many jobs that wait what they are is kept in memory, unless it is long: the next ones need
// not be asked for, and a long queue takes little.
constexpr std::size_t kRecordsMax = 1'000;
constexpr std::size_t kRecordFilesMax = 16;

class EventScheduler final : public Scheduler {
 public:
  EventScheduler(boost::asio::any_io_executor executor, SchedulerParts parts,
                 SchedulerConfig config, base::WallClock now, async::TimeSource time)
      : executor_(std::move(executor)),
        parts_(std::move(parts)),
        config_(config),
        now_(std::move(now)),
        time_(std::move(time)),
        left_(executor_),
        stopping_(executor_),
        tasks_(executor_) {
    parts_.pools.onRoom([this] { dispatch(); });
  }
  ~EventScheduler() override { parts_.pools.onRoom(nullptr); }

  awaitable<Result<void>> recover() override;
  awaitable<Result<store::AddedJob>> add(model::Submission submission,
                                         store::AddOptions options) override;
  void refused(std::int64_t id) override { tellEnded(id, false); }
  awaitable<Result<void>> cancel(std::int64_t id) override;
  Result<std::string> partialOutput(std::int64_t id) override;
  [[nodiscard]] std::optional<std::size_t> rank(std::int64_t id) const override {
    return queue_.rank(id);
  }
  [[nodiscard]] std::size_t queued() const override { return queue_.size(); }
  [[nodiscard]] std::size_t running() const override { return running_.size(); }
  [[nodiscard]] SchedulerCounters counters() const override { return counters_; }
  awaitable<bool> waitEnded(std::int64_t id, Deadline deadline) override;
  void onEnded(EndListener listener) override { listeners_.push_back(std::move(listener)); }
  awaitable<void> drain(Deadline deadline) override;

 private:
  using RunningPtr = std::shared_ptr<RunningJob>;

  [[nodiscard]] bool unended(std::int64_t id) const {
    return queue_.contains(id) || running_.contains(id) || ending_.contains(id);
  }
  /// What a job's store says of it on the way to its acceptance.
  struct Adding {
    store::WaitingJob job;
    RunningPtr begun;   ///< as an announced job; null: not
    bool over = false;  ///< the store has answered
  };
  void begin(Adding& adding, const store::AddedJob& announced);
  void enqueue(store::WaitingJob job);
  void dispatch();
  bool startNext(const JobQueue::Line& line);
  RunningPtr start(store::WaitingJob job, RunningJob::Standing standing);
  void showLongJobsSoon();
  awaitable<void> runJob(RunningPtr job);
  [[nodiscard]] std::optional<Deadline> nextShow() const;
  awaitable<void> showLongJobs();
  awaitable<void> handBack(RunningPtr job);
  awaitable<void> dismiss(RunningPtr job);
  void startEnding(std::int64_t id, model::Verdict verdict, std::string why);
  awaitable<void> endUnrun(std::int64_t id, model::Verdict verdict, std::string why);
  awaitable<Result<void>> storeUnrun(std::int64_t id, model::Verdict verdict, std::string why);
  void tellEnded(std::int64_t id, bool calls_back);
  void wake(std::int64_t id);
  std::shared_ptr<async::Event> endOf(std::int64_t id);
  [[nodiscard]] std::time_t seconds() const { return base::secondsOf(now_()); }

  const boost::asio::any_io_executor executor_;
  const SchedulerParts parts_;
  const SchedulerConfig config_;
  const base::WallClock now_;
  const async::TimeSource time_;
  JobQueue queue_;
  std::map<std::int64_t, RunningPtr> running_;
  std::set<std::int64_t> ending_;  ///< jobs that are ended without having run
  SchedulerCounters counters_;
  std::vector<EndListener> listeners_;
  std::unordered_map<std::int64_t, std::shared_ptr<async::Event>> awaited_;
  async::Signal left_;    ///< a job does not run any more
  bool showing_ = false;  ///< showLongJobs is under way
  bool draining_ = false;
  async::Event stopping_;
  async::TaskGroup tasks_;
};

awaitable<Result<void>> EventScheduler::recover() {
  const std::string line = traceLine(
      seconds(), "Job %NAME%:%ID% back in the queue: the service was stopped while it ran");
  Result<std::vector<store::WaitingJob>> jobs = co_await parts_.store.recoverJobs(line);
  if (!jobs) {
    co_return jobs.error();
  }
  for (store::WaitingJob& job : *jobs) {
    queue_.push(std::move(job));
  }
  dispatch();
  co_return Result<void>();
}

// Where no other job waits, this one need not wait for the disk: it begins when the store has it,
// and its acceptance becomes durable meanwhile.
awaitable<Result<store::AddedJob>> EventScheduler::add(model::Submission submission,
                                                       store::AddOptions options) {
  const auto adding = std::make_shared<Adding>();
  adding->job = {0, submission.courselab, submission.vmms, submission.machine};
  if (queue_.size() == 0) {
    options.announce = [this, adding](const store::AddedJob& job) { begin(*adding, job); };
  }
  Result<store::AddedJob> added =
      co_await parts_.store.addJob(std::move(submission), std::move(options));
  adding->over = true;
  const bool as_announced = adding->begun && added && added->id == adding->begun->job().id;
  if (as_announced) {
    adding->begun->accept();
    showLongJobsSoon();
  } else if (adding->begun) {
    tasks_.start(dismiss(adding->begun));
  }
  if (added && !added->repeated) {
    ++counters_.job_requests;
    if (!as_announced) {
      adding->job.id = added->id;
      adding->job.record = added->record;
      enqueue(std::move(adding->job));
    }
  }
  co_return added;
}

void EventScheduler::begin(Adding& adding, const store::AddedJob& announced) {
  const store::WaitingJob& job = adding.job;
  const pool::PoolKey key{job.vmms, job.machine};
  if (adding.over || adding.begun || draining_ || !announced.record ||
      queue_.front({job.vmms, job.machine.image}) != nullptr || !parts_.pools.checkFits(key) ||
      !parts_.pools.reserve(key)) {
    return;
  }
  store::WaitingJob begun = job;
  begun.id = announced.id;
  begun.record = announced.record;
  adding.begun = start(std::move(begun), RunningJob::Standing::kAnnounced);
}

void EventScheduler::enqueue(store::WaitingJob job) {
  if (ending_.contains(job.id)) {
    return;  // it was cancelled before it came here
  }
  if (job.record &&
      (queue_.size() >= kRecordsMax || job.record->submission.files.size() > kRecordFilesMax)) {
    job.record = nullptr;
  }
  const JobQueue::Line line{job.vmms, job.machine.image};
  queue_.push(std::move(job));
  startNext(line);
}

// Each line in turn, one job at a time, until none has room for its next.
void EventScheduler::dispatch() {
  std::vector<JobQueue::Line> lines = queue_.lines();
  while (!lines.empty()) {
    std::erase_if(lines, [this](const JobQueue::Line& line) { return !startNext(line); });
  }
}

// False: it has no job that can be started now.
bool EventScheduler::startNext(const JobQueue::Line& line) {
  const store::WaitingJob* next = queue_.front(line);
  if (next == nullptr || draining_) {
    return false;
  }
  // The configuration may be another one than when the job was accepted.
  const pool::PoolKey key{next->vmms, next->machine};
  if (const Result<void> possible = parts_.pools.checkFits(key); !possible) {
    startEnding(queue_.pop(line).id, model::Verdict::kInternalError,
                "Error: " + possible.error().message());
    return true;
  }
  if (!parts_.pools.reserve(key)) {
    return false;
  }
  start(queue_.pop(line), RunningJob::Standing::kAccepted);
  return true;
}

EventScheduler::RunningPtr EventScheduler::start(store::WaitingJob job,
                                                 RunningJob::Standing standing) {
  const auto running = std::make_shared<RunningJob>(executor_, parts_, config_, now_, time_,
                                                    counters_, queue_, std::move(job), standing);
  running_.emplace(running->job().id, running);
  tasks_.start(runJob(running));
  showLongJobsSoon();
  return running;
}

void EventScheduler::showLongJobsSoon() {
  if (!showing_) {
    showing_ = true;
    tasks_.start(showLongJobs());
  }
}

std::optional<Deadline> EventScheduler::nextShow() const {
  std::optional<Deadline> next;
  for (const auto& [id, job] : running_) {
    const std::optional<Deadline> due = job->showDue();
    if (due && (!next || *due < *next)) {
      next = due;
    }
  }
  return next;
}

// Most jobs end before they are due, so one timer serves them all.
awaitable<void> EventScheduler::showLongJobs() {
  using namespace boost::asio::experimental::awaitable_operators;
  for (std::optional<Deadline> next = nextShow(); next && !stopping_.isSet(); next = nextShow()) {
    co_await (async::wait(time_.alarm(executor_, *next)) || stopping_.waitBeside());
    const Deadline now = time_.now();
    for (const auto& [id, job] : running_) {
      if (const std::optional<Deadline> due = job->showDue(); due && *due <= now) {
        job->show();
      }
    }
  }
  showing_ = false;
}

awaitable<void> EventScheduler::runJob(RunningPtr job) {
  const RunningJob::End end = co_await job->run();
  const std::int64_t id = job->job().id;
  running_.erase(id);
  if (end == RunningJob::End::kEnded) {
    tellEnded(id, job->callsBack());
  } else if (end == RunningJob::End::kNotOurs) {
    wake(id);
  } else {
    queue_.push(job->job());  // for the next service
  }
  left_.notifyAll();
}

void EventScheduler::tellEnded(std::int64_t id, bool calls_back) {
  wake(id);
  for (const EndListener& listener : listeners_) {
    listener(id, calls_back);
  }
}

void EventScheduler::wake(std::int64_t id) {
  if (const auto awaited = awaited_.find(id); awaited != awaited_.end()) {
    awaited->second->set();
    awaited_.erase(awaited);
  }
}

std::shared_ptr<async::Event> EventScheduler::endOf(std::int64_t id) {
  std::shared_ptr<async::Event>& event = awaited_[id];
  if (!event) {
    event = std::make_shared<async::Event>(executor_);
  }
  return event;
}

// ---- jobs that end without having run: cancelled, or impossible by now

awaitable<Result<void>> EventScheduler::storeUnrun(std::int64_t id, model::Verdict verdict,
                                                   std::string why) {
  const Result<model::JobRecord> record = co_await parts_.store.job(id);
  if (!record) {
    co_return record.error();
  }
  if (record->state == model::JobState::kEnded) {
    co_return Error(ErrorKind::kExists, "job " + std::to_string(id) + " has ended already");
  }
  model::JobEnd end;
  end.output = unrunOutput(record->label(), why, base::secondsOf(record->times.added), seconds());
  end.output_bytes = end.output->size();
  end.verdict = verdict;
  end.verdict_text = why;
  end.times = record->times;
  end.times.ended = now_();
  end.trace = {traceLine(seconds(), why)};
  const base::UnixMillis due =
      std::max(end.times.ended, record->times.added + config_.callback_hold.count());
  Result<void> ended = co_await parts_.store.endJob(id, std::move(end), due);
  co_return ended;
}

void EventScheduler::startEnding(std::int64_t id, model::Verdict verdict, std::string why) {
  ending_.insert(id);
  tasks_.start(endUnrun(id, verdict, std::move(why)));
}

// What a full disk or a broken store fails is tried until it works, or until the service stops: it
// is a queued job again when the next one starts.
awaitable<void> EventScheduler::endUnrun(std::int64_t id, model::Verdict verdict, std::string why) {
  using namespace boost::asio::experimental::awaitable_operators;
  for (;;) {
    const Result<void> ended = co_await storeUnrun(id, verdict, why);
    if (ended || ended.error().kind() == ErrorKind::kExists) {
      ending_.erase(id);
      ended ? tellEnded(id, true) : wake(id);
      co_return;
    }
    base::logError("job " + std::to_string(id) + ": end it: " + ended.error().message());
    if (ended.error().kind() == ErrorKind::kNotFound || stopping_.isSet()) {
      break;
    }
    co_await (async::wait(time_.alarm(executor_, time_.now() + kStorePause)) || stopping_.wait());
  }
  ending_.erase(id);
  wake(id);
}

awaitable<Result<void>> EventScheduler::cancel(std::int64_t id) {
  const Result<model::JobRecord> record = co_await parts_.store.job(id);
  if (!record) {
    co_return record.error();
  }
  if (record->state == model::JobState::kEnded) {
    co_return Error(ErrorKind::kExists, "job " + std::to_string(id) + " has ended already");
  }
  const auto running = running_.find(id);
  if (running != running_.end()) {
    const RunningPtr job = running->second;
    co_await job->cancel();
  } else if (!ending_.contains(id)) {
    queue_.erase(id);  // it may not be in it yet: the store knew it first
    startEnding(id, model::Verdict::kCancelled, "Error: Job was cancelled");
  }
  while (unended(id) && !stopping_.isSet()) {
    const std::shared_ptr<async::Event> end = endOf(id);
    co_await end->wait();
  }
  const Result<model::JobRecord> after = co_await parts_.store.job(id);
  if (after && after->state != model::JobState::kEnded) {
    co_return Error(ErrorKind::kSystem, "job " + std::to_string(id) + ": its end was not stored");
  }
  co_return Result<void>();
}

Result<std::string> EventScheduler::partialOutput(std::int64_t id) {
  const auto running = running_.find(id);
  if (running == running_.end() || !running->second->vm()) {
    return Error(ErrorKind::kNotFound, "job " + std::to_string(id) + " does not run");
  }
  const vmms::Backend* backend = parts_.registry.find(running->second->job().vmms);
  if (backend->live_output == nullptr) {
    return Error(ErrorKind::kUnsupported,
                 "the VMMS " + running->second->job().vmms + " cannot show a running job's output");
  }
  return backend->live_output->getPartialOutput(*running->second->vm());
}

awaitable<bool> EventScheduler::waitEnded(std::int64_t id, Deadline deadline) {
  using namespace boost::asio::experimental::awaitable_operators;
  while (unended(id) && !stopping_.isSet() && time_.now() < deadline) {
    const std::shared_ptr<async::Event> end = endOf(id);
    co_await (end->wait() || async::wait(time_.alarm(executor_, deadline)));
  }
  co_return !unended(id);
}

awaitable<void> EventScheduler::dismiss(RunningPtr job) {
  co_await job->dismiss();
}

awaitable<void> EventScheduler::handBack(RunningPtr job) {
  co_await job->handBack();
}

awaitable<void> EventScheduler::drain(Deadline deadline) {
  using namespace boost::asio::experimental::awaitable_operators;
  draining_ = true;
  while (!running_.empty() && time_.now() < deadline) {
    co_await (left_.next() || async::wait(time_.alarm(executor_, deadline)));
  }
  for (const auto& [id, job] : std::map(running_)) {
    tasks_.start(handBack(job));
  }
  stopping_.set();
  for (const auto& [id, event] : std::exchange(awaited_, {})) {
    event->set();
  }
  co_await tasks_.allEnded();
}

}  // namespace

std::unique_ptr<Scheduler> Scheduler::make(boost::asio::any_io_executor executor,
                                           SchedulerParts parts, SchedulerConfig config,
                                           base::WallClock now, async::TimeSource time) {
  return std::make_unique<EventScheduler>(std::move(executor), std::move(parts), config,
                                          std::move(now), std::move(time));
}

}  // namespace tango::scheduler
