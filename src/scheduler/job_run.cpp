#include "scheduler/job_run.hpp"

#include "base/assert.hpp"

namespace tango::scheduler {
namespace {

Step after(Step step) {
  switch (step) {
    case Step::kInitializeVM:
      return Step::kWaitVM;
    case Step::kWaitVM:
      return Step::kCopyIn;
    case Step::kCopyIn:
      return Step::kRunJob;
    case Step::kRunJob:
      return Step::kCopyOut;
    case Step::kCopyOut:
      return Step::kDestroyVM;
    case Step::kDestroyVM:
    case Step::kFinished:
      return Step::kFinished;
  }
  return Step::kFinished;
}

}  // namespace

bool worthRetrying(const base::Error& error, Step step) {
  switch (error.kind()) {
    case base::ErrorKind::kSystem:
    case base::ErrorKind::kTimeout:
    case base::ErrorKind::kCancelled:  // the VM went away under the job
    case base::ErrorKind::kExists:     // of a VM left by an earlier service: the next id is free
      return true;
    case base::ErrorKind::kNotFound:
      return step != Step::kInitializeVM;
    case base::ErrorKind::kInvalid:
    case base::ErrorKind::kUnsupported:
    case base::ErrorKind::kTooLarge:
      return false;
  }
  return false;
}

bool JobRun::willRetry() const {
  return error_ && !cancelled_ && worthRetrying(*error_, failed_step_) && attempt_ < retries_max_;
}

void JobRun::note(int status) {
  switch (step_) {
    case Step::kWaitVM:
      statuses_.wait_vm = status;
      return;
    case Step::kCopyIn:
      statuses_.copy_in = status;
      return;
    case Step::kRunJob:
      statuses_.run_job = status;
      return;
    case Step::kCopyOut:
      statuses_.copy_out = status;
      return;
    default:
      return;
  }
}

void JobRun::done() {
  TANGO_ASSERT(step_ != Step::kRunJob && step_ != Step::kFinished, "no such step to be done");
  note(0);
  if (step_ == Step::kDestroyVM && willRetry()) {
    ++attempt_;
    error_.reset();
    outcome_.reset();
    statuses_ = {};
    step_ = Step::kInitializeVM;
    return;
  }
  step_ = after(step_);
}

void JobRun::ran(model::RunOutcome outcome) {
  TANGO_ASSERT(step_ == Step::kRunJob, "an outcome without a run");
  note(model::autodriverExitCode(outcome));
  outcome_ = std::move(outcome);
  step_ = after(step_);
}

void JobRun::failed(base::Error error) {
  TANGO_ASSERT(step_ != Step::kFinished, "a failure after the end");
  if (step_ == Step::kDestroyVM) {
    // The VM is its VMMS's to find again (getVMs) and to reap; the job's verdict stands.
    done();
    return;
  }
  // Autodriver's own code for a failure of the machine, -1 as the VMMSs of Tango have it.
  constexpr int kOsError = 3;
  note(step_ == Step::kRunJob ? kOsError : -1);
  failed_step_ = step_;
  error_ = std::move(error);
  step_ = Step::kDestroyVM;
}

}  // namespace tango::scheduler
