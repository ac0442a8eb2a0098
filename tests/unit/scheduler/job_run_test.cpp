#include "scheduler/job_run.hpp"

#include <array>
#include <random>

#include <doctest/doctest.h>

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;

model::RunOutcome exited(int status) {
  model::RunOutcome outcome;
  outcome.exit_status = status;
  return outcome;
}

// Takes the run as far as `until`, every step good.
JobRun runUntil(Step until, int retries_max = 2) {
  JobRun run(retries_max);
  while (run.step() != until) {
    run.step() == Step::kRunJob ? run.ran(exited(0)) : run.done();
  }
  return run;
}

TEST_CASE("a good job goes through a VM's life once, in its order") {
  JobRun run(2);
  for (const Step step : {Step::kInitializeVM, Step::kWaitVM, Step::kCopyIn}) {
    CHECK(run.step() == step);
    run.done();
  }
  CHECK(run.step() == Step::kRunJob);
  run.ran(exited(2));
  CHECK(run.step() == Step::kCopyOut);
  run.done();
  CHECK(run.step() == Step::kDestroyVM);
  run.done();
  CHECK(run.step() == Step::kFinished);
  CHECK(run.completed());
  CHECK(run.attempt() == 0);
  CHECK(run.outcome()->exit_status == 2);
}

TEST_CASE("a failure of ours at any step destroys the VM and begins anew") {
  for (const Step step :
       {Step::kInitializeVM, Step::kWaitVM, Step::kCopyIn, Step::kRunJob, Step::kCopyOut}) {
    JobRun run = runUntil(step);
    run.failed(Error(ErrorKind::kSystem, "the connection broke"));
    CHECK(run.step() == Step::kDestroyVM);
    CHECK(run.willRetry());
    run.done();
    CHECK(run.step() == Step::kInitializeVM);
    CHECK(run.attempt() == 1);
    CHECK(!run.statuses().copy_in.has_value());
  }
}

TEST_CASE("after the last retry the job has failed") {
  JobRun run(2);
  for (int attempt = 0; attempt <= 2; ++attempt) {
    CHECK(run.attempt() == attempt);
    run.done();
    run.failed(Error(ErrorKind::kTimeout, "not ready"));
    run.done();
  }
  CHECK(run.step() == Step::kFinished);
  CHECK(!run.completed());
  CHECK(run.failedStep() == Step::kWaitVM);
  CHECK(run.statuses().wait_vm == -1);
  CHECK(run.error()->message() == "not ready");
}

TEST_CASE("what a new VM cannot mend is not tried again") {
  for (const ErrorKind kind :
       {ErrorKind::kInvalid, ErrorKind::kNotFound, ErrorKind::kUnsupported, ErrorKind::kTooLarge}) {
    JobRun run = runUntil(Step::kInitializeVM);
    run.failed(Error(kind, "no"));
    run.done();
    CHECK(run.step() == Step::kFinished);
    CHECK(run.attempt() == 0);
  }
}

TEST_CASE("a VM that vanished under its job is replaced") {
  JobRun run = runUntil(Step::kRunJob);
  run.failed(Error(ErrorKind::kNotFound, "there is no such VM"));
  CHECK(run.willRetry());
}

TEST_CASE("a cancelled job is not tried again") {
  JobRun run = runUntil(Step::kRunJob);
  run.cancel();
  run.failed(Error(ErrorKind::kCancelled, "the VM was destroyed"));
  run.done();
  CHECK(run.step() == Step::kFinished);
  CHECK(run.cancelled());
}

TEST_CASE("a VM that cannot be destroyed does not change the verdict") {
  JobRun run = runUntil(Step::kDestroyVM);
  run.failed(Error(ErrorKind::kSystem, "it does not go away"));
  CHECK(run.step() == Step::kFinished);
  CHECK(run.completed());
}

TEST_CASE("whatever happens, a job ends within its tries, and each VM is destroyed") {
  std::minstd_rand random(7);
  constexpr std::array kKinds = {ErrorKind::kSystem, ErrorKind::kTimeout, ErrorKind::kInvalid,
                                 ErrorKind::kCancelled};
  for (int round = 0; round < 10'000; ++round) {
    JobRun run(2);
    int made = 0;
    int destroyed = 0;
    int steps = 0;
    while (run.step() != Step::kFinished) {
      REQUIRE(++steps <= 18);
      made += run.step() == Step::kInitializeVM ? 1 : 0;
      destroyed += run.step() == Step::kDestroyVM ? 1 : 0;
      if (random() % 50 == 0) {
        run.cancel();
      }
      if (random() % 3 == 0) {
        run.failed(Error(kKinds.at(random() % kKinds.size()), "fault"));
      } else if (run.step() == Step::kRunJob) {
        run.ran(exited(0));
      } else {
        run.done();
      }
    }
    REQUIRE(made == destroyed);
    REQUIRE(run.completed() == !run.error().has_value());
    if (run.completed()) {
      REQUIRE(run.outcome().has_value());
    }
  }
}

}  // namespace
}  // namespace tango::scheduler
