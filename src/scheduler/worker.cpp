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

Result<void> startOver(int fd) {
  if (::ftruncate(fd, 0) != 0 || ::lseek(fd, 0, SEEK_SET) != 0) {
    return systemError(errno, "truncate the output file");
  }
  return {};
}

}  // namespace

Worker::Worker(vmms::Vmms& vmms, WorkerConfig config, WorkerEvents events,
               std::function<std::time_t()> now)
    : vmms_(vmms), config_(std::move(config)), events_(std::move(events)), now_(std::move(now)) {}

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
  run.failed(result.error());
  trace(failedLine(job, result.error().message()));
}

awaitable<void> Worker::makeVm(const model::Job& job, JobRun& run, std::int64_t vm_id) {
  const model::VmName name{config_.vm_prefix, vm_id + run.attempt(), job.machine.image};
  trace(dispatchedLine(job, run.attempt()));
  Result<model::Vm> made = co_await vmms_.initializeVM(name, job.machine);
  if (!made) {
    settle(job, run, made.error());
    co_return;
  }
  vm_ = *made;
  trace(assignedLine(job, name.text(), false));
  run.done();
}

awaitable<void> Worker::runOnVm(const model::Job& job, JobRun& run) {
  if (events_.about_to_run) {
    events_.about_to_run(*vm_);
  }
  Result<model::RunOutcome> outcome = co_await vmms_.runJob(*vm_, job.limits);
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
    fetched = co_await vmms_.copyOut(*vm_, {output_fd});
  }
  settle(job, run, fetched);
  trace(copiedOutLine(job, run.statuses().copy_out.value_or(-1)));
}

awaitable<void> Worker::destroyVm(JobRun& run) {
  if (!vm_) {
    run.done();
    co_return;
  }
  // A job that ended in order leaves a VM that its VMMS may reset; any other must be gone.
  const bool in_order = run.completed();
  Result<void> destroyed;
  if (in_order) {
    destroyed = co_await vmms_.destroyVM(*vm_);
  } else {
    destroyed = co_await vmms_.safeDestroyVM(*vm_, base::after(config_.destroy_timeout));
  }
  vm_.reset();
  if (destroyed) {
    run.done();
  } else {
    run.failed(destroyed.error());
  }
}

awaitable<void> Worker::takeStep(const model::Job& job, JobRun& run, std::int64_t vm_id,
                                 int output_fd) {
  switch (run.step()) {
    case Step::kInitializeVM:
      co_await makeVm(job, run, vm_id);
      break;
    case Step::kWaitVM: {
      trace(waitingLine(job, vm_->name.text()));
      const Result<void> ready = co_await vmms_.waitVM(*vm_, base::after(config_.wait_vm_timeout));
      settle(job, run, ready);
      if (ready) {
        trace(readyLine(job, vm_->name.text()));
      }
      break;
    }
    case Step::kCopyIn: {
      const Result<void> copied = co_await vmms_.copyIn(*vm_, job.input);
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
      co_await destroyVm(run);
      break;
    case Step::kFinished:
      break;
  }
}

awaitable<Result<JobRun>> Worker::run(model::Job job, std::int64_t vm_id, int output_fd) {
  TANGO_ASSERT(!vm_, "a worker runs one job at a time");
  received_ = now_();
  JobRun run(config_.retries_max);
  while (run.step() != Step::kFinished) {
    if (cancelled_) {
      run.cancel();
      if (run.step() != Step::kDestroyVM) {
        run.failed(Error(ErrorKind::kCancelled, "the job was cancelled"));
        continue;
      }
    }
    co_await takeStep(job, run, vm_id, output_fd);
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
  cancelled_ = true;
  if (vm_) {
    // What the VMMS is doing for this VM ends with that; `run` then sees the job through.
    const Result<void> destroyed = co_await vmms_.destroyVM(*vm_);
    if (!destroyed) {
      trace("Job could not be cancelled at once: " + destroyed.error().message());
    }
  }
}

}  // namespace tango::scheduler
