#include "scheduler/running_job.hpp"

#include <sys/statvfs.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/offload.hpp"
#include "base/log.hpp"
#include "scheduler/job_text.hpp"
#include "scheduler/verdict.hpp"

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;

// A job that takes longer is shown as a running one.
constexpr base::Millis kShownAfter{50};
// Between two attempts at what only a full disk or a broken store can fail.
constexpr base::Millis kPause{1'000};

// Of the disk that the output file is on: less than the head of a file needs.
bool isFull(int fd) {
  constexpr std::uint64_t kHeadBytes = 64 * model::kKiB;
  struct statvfs disk{};
  return ::fstatvfs(fd, &disk) == 0 && disk.f_bavail * disk.f_frsize < kHeadBytes;
}

}  // namespace

RunningJob::RunningJob(const boost::asio::any_io_executor& executor, const SchedulerParts& parts,
                       const SchedulerConfig& config, const base::WallClock& now,
                       const async::TimeSource& time, SchedulerCounters& counters,
                       const JobQueue& waiting, store::WaitingJob job, Standing standing)
    : executor_(executor),
      parts_(parts),
      config_(config),
      now_(now),
      time_(time),
      counters_(counters),
      waiting_(waiting),
      job_(std::move(job)),
      stopping_(executor),
      decided_(executor),
      show_due_(time.now() + kShownAfter) {
  if (standing == Standing::kAccepted) {
    decided_.set();
  }
}

void RunningJob::traced(const std::string& line) {
  trace_.push_back(traceLine(base::secondsOf(now_()), line));
}

// The lines go to the store in a few pieces: a job's way is shown while it goes on, and yet does
// not cost a write a line. One that ends soon is stored once, at its end.
void RunningJob::noteProgress() {
  if (!shown_ || times_.dispatched == 0) {
    return;
  }
  store::JobProgress progress;
  progress.dispatched = times_.dispatched;
  progress.trace = std::exchange(trace_, {});
  progress.retries = tries_ - 1;
  if (vm_) {
    progress.vm_name = vm_->name.text();
    progress.vm_id = vm_->name.id;
  }
  parts_.store.note(job_.id, std::move(progress));
}

void RunningJob::show() {
  show_due_.reset();
  shown_ = true;
  noteProgress();
}

// Since the last phase's end.
std::chrono::microseconds RunningJob::endPhase() {
  const base::Deadline now = time_.now();
  return std::chrono::duration_cast<std::chrono::microseconds>(now -
                                                               std::exchange(phase_began_, now));
}

void RunningJob::begins(Step step, const model::Vm* vm) {
  if (vm != nullptr) {
    vm_ = *vm;
  }
  switch (step) {
    case Step::kInitializeVM:
      times_.dispatched = now_();
      phases_ = {};
      // The clock may have been set back in between.
      phases_.queued = std::max(base::Millis(0), base::Millis(times_.dispatched - times_.added));
      phase_began_ = time_.now();
      noteProgress();
      reserved_ = false;
      ++tries_;
      break;
    case Step::kWaitVM:
      noteProgress();
      break;
    case Step::kCopyIn:
      times_.vm_ready = now_();
      phases_.vm_wait = endPhase();
      break;
    case Step::kRunJob:
      times_.started = now_();
      phases_.copy_in = endPhase();
      noteProgress();
      break;
    case Step::kCopyOut:
      times_.finished = now_();
      phases_.run = endPhase();
      break;
    case Step::kDestroyVM:
      if (const std::chrono::microseconds spent = endPhase(); phases_.run) {
        phases_.copy_out = spent;
      }
      break;
    case Step::kFinished:
      break;
  }
}

void RunningJob::count(Step step, const Error& error) {
  switch (step) {
    case Step::kWaitVM:
      counters_.waitvm_timeouts += error.kind() == ErrorKind::kTimeout ? 1U : 0U;
      break;
    case Step::kCopyIn:
      ++counters_.copyin_errors;
      break;
    case Step::kRunJob:
      ++counters_.runjob_errors;
      break;
    case Step::kCopyOut:
      ++counters_.copyout_errors;
      break;
    default:
      break;
  }
}

WorkerEvents RunningJob::events() {
  WorkerEvents events;
  events.trace = [this](const std::string& line) { traced(line); };
  events.begins = [this](Step step, const model::Vm* vm) { begins(step, vm); };
  events.failed = [this](Step step, const Error& error) { count(step, error); };
  return events;
}

model::Job RunningJob::jobOf(const model::JobRecord& record) const {
  model::Job job;
  job.id = record.id;
  job.name = record.submission.name;
  job.machine = record.submission.machine;
  job.limits = record.submission.limits;
  for (const model::SubmittedFile& file : record.submission.files) {
    job.input.push_back({parts_.blob_path(file.sha256), file.dest_file});
  }
  return job;
}

// False: the service stops.
awaitable<bool> RunningJob::pauseAfter(const Error& error, const char* doing) {
  using namespace boost::asio::experimental::awaitable_operators;
  base::logError("job " + std::to_string(job_.id) + ": " + doing + ": " + error.message());
  if (!stopping_.isSet()) {
    const async::AlarmPtr alarm = time_.alarm(executor_, time_.now() + kPause);
    co_await (async::wait(alarm) || stopping_.wait());
  }
  co_return !stopping_.isSet();
}

awaitable<Result<model::JobRecord>> RunningJob::claim() {
  if (job_.record) {
    co_return *job_.record;
  }
  for (;;) {
    Result<model::JobRecord> record = co_await parts_.store.claim(job_.id);
    if (record || record.error().kind() == ErrorKind::kNotFound ||
        record.error().kind() == ErrorKind::kExists) {
      co_return record;
    }
    const bool again = co_await pauseAfter(record.error(), "claim it");
    if (!again) {
      co_return record;
    }
  }
}

awaitable<Result<JobRun>> RunningJob::work(const model::JobRecord& record) {
  WorkerConfig config;
  config.retries_max = config_.retries_max;
  const vmms::Backend& backend = *parts_.registry.find(job_.vmms);
  config.wait_vm_timeout = backend.waitVmTimeout(config_.wait_vm_timeout);
  worker_ = std::make_shared<Worker>(
      executor_, *backend.vmms, parts_.pools, config, events(),
      [this] { return base::secondsOf(now_()); }, time_);
  tries_ = 0;
  if (cancelled_ || stopping_.isSet()) {
    co_await worker_->cancel();
  }
  Result<JobRun> ran = co_await worker_->run(jobOf(record), job_.vmms,
                                             base::secondsOf(record.times.added), output_->fd());
  if (ran && !ran->completed() && ran->failedStep() == Step::kCopyOut && output_->onDisk() &&
      isFull(output_->fd())) {
    co_return Error(ErrorKind::kTooLarge, "the disk is full");  // not the job's fault
  }
  co_return ran;
}

awaitable<Result<void>> RunningJob::beginOutput(const model::JobRecord& record) {
  using files::JobOutput;
  Result<std::unique_ptr<JobOutput>> begun = Error(ErrorKind::kSystem, "no output was begun");
  if (record.submission.limits.output_bytes <= files::kMemoryOutputBytesMax) {
    begun = JobOutput::inMemory(parts_.outputs, job_.id);
  } else {
    begun = co_await async::offload(parts_.blocking, [&outputs = parts_.outputs, id = job_.id] {
      return JobOutput::inFile(outputs, id);
    });
  }
  if (!begun) {
    co_return begun.error();
  }
  output_ = *std::move(begun);
  co_return Result<void>();
}

// A small one waits for the job's end, to be stored with it.
awaitable<Result<void>> RunningJob::publish() {
  small_output_.reset();
  const Result<std::uint64_t> bytes = output_->bytes();
  if (!bytes) {
    co_return bytes.error();
  }
  output_bytes_ = *bytes;
  if (*bytes > files::kStoredOutputBytesMax) {
    Result<void> published = co_await async::offload(
        parts_.blocking, [output = output_.get()] { return output->publish(); });
    co_return published;
  }
  Result<std::string> content = output_->content();
  if (!content) {
    co_return content.error();
  }
  small_output_ = *std::move(content);
  co_return Result<void>();
}

awaitable<Result<JobRun>> RunningJob::execute(const model::JobRecord& record) {
  const Result<void> begun = co_await beginOutput(record);
  if (!begun) {
    co_return begun.error();
  }
  Result<JobRun> ran = co_await work(record);
  if (!ran) {
    co_return ran.error();
  }
  const Result<void> published = co_await publish();
  if (!published) {
    co_return published.error();
  }
  co_return ran;
}

awaitable<RunningJob::End> RunningJob::finish(const model::JobRecord& record, const JobRun& run) {
  show_due_.reset();
  model::JobEnd end;
  end.verdict = verdictOf(run);
  end.verdict_text = verdictLine(jobOf(record), run);
  if (run.completed()) {
    end.outcome = run.outcome();
  }
  end.retries = run.attempt();
  end.output_bytes = output_bytes_;
  end.output = small_output_;
  end.phases = phases_;
  end.trace = trace_;
  if (vm_) {
    end.vm_name = vm_->name.text();
    end.vm_id = vm_->name.id;
  }
  counters_.job_retries += static_cast<std::uint64_t>(run.attempt());
  counters_.runjob_timeouts += run.outcome() && run.outcome()->timedOut() ? 1U : 0U;
  for (;;) {
    times_.ended = now_();
    end.times = times_;
    // While others wait for its place, more jobs an hour are worth more than some milliseconds.
    end.in_company = waiting_.front({job_.vmms, job_.machine.image}) != nullptr;
    const base::UnixMillis callback_due =
        std::max(times_.ended, record.times.added + config_.callback_hold.count());
    const Result<void> ended = co_await parts_.store.endJob(job_.id, end, callback_due);
    if (ended) {
      parts_.store.notePublished(job_.id, endPhase());
    }
    if (ended || ended.error().kind() == ErrorKind::kExists) {
      co_return End::kEnded;
    }
    const bool again = co_await pauseAfter(ended.error(), "store its end");
    if (!again) {
      co_return End::kLeft;
    }
  }
}

awaitable<RunningJob::End> RunningJob::run() {
  const End end = co_await runClaimed();
  if (reserved_) {
    parts_.pools.unreserve({job_.vmms, job_.machine});
  }
  co_return end;
}

awaitable<RunningJob::End> RunningJob::runClaimed() {
  const Result<model::JobRecord> record = co_await claim();
  if (!record) {
    co_return stopping_.isSet() ? End::kLeft : End::kNotOurs;
  }
  times_.added = record->times.added;
  calls_back_ = !record->submission.callback_url.empty();
  for (;;) {
    const Result<JobRun> ran = co_await execute(*record);
    co_await decided_.wait();
    if (dismissed_) {
      co_return End::kNotOurs;
    }
    if (ran && !(ran->cancelled() && stopping_.isSet() && !cancelled_)) {
      const End end = co_await finish(*record, *ran);
      co_return end;
    }
    if (stopping_.isSet()) {
      const Result<void> queued = co_await parts_.store.requeue(
          job_.id,
          traceLine(base::secondsOf(now_()),
                    "Job " + record->label() + " handed back to the queue: the service stops"));
      co_return queued ? End::kHandedBack : End::kLeft;
    }
    const bool again = co_await pauseAfter(ran.error(), "write its output");
    static_cast<void>(again);
  }
}

awaitable<void> RunningJob::cancel() {
  cancelled_ = true;
  if (const std::shared_ptr<Worker> worker = worker_) {
    co_await worker->cancel();
  }
}

awaitable<void> RunningJob::dismiss() {
  dismissed_ = true;
  decided_.set();
  co_await cancel();
}

awaitable<void> RunningJob::handBack() {
  stopping_.set();
  if (const std::shared_ptr<Worker> worker = worker_) {
    co_await worker->cancel();
  }
}

}  // namespace tango::scheduler
