#include "scheduler/verdict.hpp"

#include <doctest/doctest.h>

namespace tango::scheduler {
namespace {

using model::Verdict;

JobRun ranTo(const model::RunOutcome& outcome) {
  JobRun run(0);
  run.done();
  run.done();
  run.done();
  run.ran(outcome);
  run.done();
  run.done();
  return run;
}

TEST_CASE("a verdict says whose doing an end was") {
  model::RunOutcome outcome;
  outcome.exit_status = 0;
  CHECK(verdictOf(ranTo(outcome)) == Verdict::kSucceeded);
  outcome.exit_status = 2;
  CHECK(verdictOf(ranTo(outcome)) == Verdict::kFailed);
  outcome.ended_by = model::Limit::kMemory;
  CHECK(verdictOf(ranTo(outcome)) == Verdict::kLimit);
  outcome = {};
  outcome.signal = 11;
  CHECK(verdictOf(ranTo(outcome)) == Verdict::kFailed);

  JobRun failed(0);
  failed.failed(base::Error(base::ErrorKind::kSystem, "a fault"));
  failed.done();
  CHECK(verdictOf(failed) == Verdict::kInternalError);

  JobRun cancelled(0);
  cancelled.cancel();
  cancelled.failed(base::Error(base::ErrorKind::kCancelled, "cancelled"));
  cancelled.done();
  CHECK(verdictOf(cancelled) == Verdict::kCancelled);
}

}  // namespace
}  // namespace tango::scheduler
