#include "scheduler/worker.hpp"

#include <cerrno>

#include <unistd.h>

#include "base/assert.hpp"
#include "base/write_all.hpp"
#include "scheduler/job_text.hpp"

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using boost::asio::awaitable;

// For ending a job that somebody waits for.
constexpr base::Millis kDestroyTimeout{30'000};

Result<void> startOver(int fd) {
  if (::ftruncate(fd, 0) != 0 || ::lseek(fd, 0, SEEK_SET) != 0) {
    return systemError(errno, "truncate the output file");
  }
  return {};
}

}  // namespace

Worker::Worker(const boost::asio::any_io_executor& executor, vmms::Vmms& vmms,
               pool::VmSource& source, WorkerConfig config, WorkerEvents events,
               std::function<std::time_t()> now, async::TimeSource time)
    : vmms_(vmms),
      source_(source),
      config_(config),
      events_(std::move(events)),
      now_(std::move(now)),
      time_(std::move(time)),
      cancelled_(std::make_shared<async::Event>(executor)) {}

void Worker::trace(const std::string& line) const {
  if (events_.trace) {
    events_.trace(line);
  }
}

void Worker::settle(const model::Job& job, JobRun& run, const Result<void>& result) const {
  if (result) {
    run.done();
    return;
  }
  if (events_.failed) {
    events_.failed(run.step(), result.error());
  }
  run.failed(result.error());
  trace(failedLine(job, result.error().message()));
}

awaitable<void> Worker::takeVm(const model::Job& job, JobRun& run) {
  trace(dispatchedLine(job, run.attempt()));
  const pool::Try which = run.attempt() == 0 ? pool::Try::kFirst : pool::Try::kAgain;
  Result<pool::TakenVm> taken = co_await source_.take({vmms_name_, job.machine}, which, cancelled_);
  if (!taken) {
    settle(job, run, taken.error());
    co_return;
  }
  vm_ = *taken;
  trace(assignedLine(job, vm_->vm.name.text(), vm_->existing));
  run.done();
}

awaitable<void> Worker::awaitVm(const model::Job& job, JobRun& run) {
  trace(waitingLine(job, vm_->vm.name.text()));
  Result<void> ready;
  if (!vm_->existing) {
    ready = co_await vmms_.waitVM(vm_->vm, time_.now() + config_.wait_vm_timeout);
  }
  settle(job, run, ready);
  if (ready) {
    trace(readyLine(job, vm_->vm.name.text()));
  }
}

awaitable<void> Worker::runOnVm(const model::Job& job, JobRun& run) {
  Result<model::RunOutcome> outcome = co_await vmms_.runJob(vm_->vm, job.limits);
  if (outcome) {
    run.ran(*outcome);
  } else {
    settle(job, run, outcome.error());
  }
  trace(executedLine(job, run.statuses().run_job.value_or(-1)));
}

// The head of the file says how the run ended, so it is written once that is known, and anew where
// fetching the output fails after all.
awaitable<void> Worker::fetch(const model::Job& job, JobRun& run, int output_fd) {
  Result<void> fetched = startOver(output_fd);
  if (fetched) {
    fetched = base::writeAll(output_fd, outputHeader(job, run, received_, now_()));
  }
  if (fetched) {
    fetched = co_await vmms_.copyOut(vm_->vm, {output_fd});
  }
  settle(job, run, fetched);
  trace(copiedOutLine(job, run.statuses().copy_out.value_or(-1)));
}

awaitable<void> Worker::leaveVm(JobRun& run) {
  if (!vm_) {
    run.done();
    co_return;
  }
  // A job that ended in order leaves a VM that its VMMS may reset; any other must be gone.
  const Result<void> left = co_await source_.giveBack(vm_->vm, run.completed());
  vm_.reset();
  if (left) {
    run.done();
  } else {
    run.failed(left.error());
  }
}

awaitable<void> Worker::takeStep(const model::Job& job, JobRun& run, int output_fd) {
  if (events_.begins) {
    events_.begins(run.step(), vm_ ? &vm_->vm : nullptr);
  }
  switch (run.step()) {
    case Step::kInitializeVM:
      co_await takeVm(job, run);
      break;
    case Step::kWaitVM:
      co_await awaitVm(job, run);
      break;
    case Step::kCopyIn: {
      const Result<void> copied = co_await vmms_.copyIn(vm_->vm, job.input);
      settle(job, run, copied);
      trace(copiedInLine(job, copied ? 0 : -1));
      break;
    }
    case Step::kRunJob:
      co_await runOnVm(job, run);
      break;
    case Step::kCopyOut:
      co_await fetch(job, run, output_fd);
      break;
    case Step::kDestroyVM:
      co_await leaveVm(run);
      break;
    case Step::kFinished:
      break;
  }
}

awaitable<Result<JobRun>> Worker::run(model::Job job, std::string vmms_name, std::time_t received,
                                      int output_fd) {
  TANGO_ASSERT(!vm_, "a worker runs one job at a time");
  received_ = received;
  vmms_name_ = std::move(vmms_name);
  JobRun run(config_.retries_max);
  while (run.step() != Step::kFinished) {
    if (cancelled_->isSet()) {
      run.cancel();
      if (run.step() != Step::kDestroyVM) {
        run.failed(Error(ErrorKind::kCancelled, "the job was cancelled"));
        continue;
      }
    }
    co_await takeStep(job, run, output_fd);
  }
  if (!run.completed()) {
    Result<void> written = startOver(output_fd);
    if (written) {
      written = base::writeAll(output_fd, outputHeader(job, run, received_, now_()));
    }
    if (!written) {
      co_return written.error();
    }
  }
  trace(verdictLine(job, run));
  co_return run;
}

awaitable<void> Worker::cancel() {
  cancelled_->set();
  if (!vm_) {
    co_return;
  }
  // What the VMMS is doing for this VM ends with that; `run` then sees the job through.
  const model::Vm vm = vm_->vm;
  Result<void> destroyed = co_await vmms_.destroyVM(vm);
  if (!destroyed) {
    destroyed = co_await vmms_.safeDestroyVM(vm, time_.now() + kDestroyTimeout);
  }
  if (!destroyed) {
    trace("Job could not be cancelled at once: " + destroyed.error().message());
  }
}

}  // namespace tango::scheduler
