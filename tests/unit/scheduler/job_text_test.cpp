#include "scheduler/job_text.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::time_t kReceived = 1'795'455'063;  // Mon Nov 23 17:31:03 2026 UTC
constexpr std::time_t kEnded = kReceived + 2;

model::Job job() {
  model::Job made;
  made.name = "test_job-1";
  made.id = 21;
  made.limits.wall_time = std::chrono::seconds(10);
  return made;
}

JobRun ended(model::RunOutcome outcome) {
  JobRun run(2);
  run.done();
  run.done();
  run.done();
  run.ran(outcome);
  return run;
}

JobRun failedAt(int steps_before, ErrorKind kind, int retries_max) {
  JobRun run(retries_max);
  while (run.step() != Step::kFinished) {
    for (int i = 0; i < steps_before; ++i) {
      run.step() == Step::kRunJob ? run.ran({}) : run.done();
    }
    run.failed(Error(kind, "why"));
    run.done();
  }
  return run;
}

TEST_CASE("the head of a good job's output file is as clients know it") {
  ::setenv("TZ", "UTC", 1);
  model::RunOutcome outcome;
  outcome.exit_status = 0;
  CHECK(outputHeader(job(), ended(outcome), kReceived, kEnded) ==
        "Autograder [Mon Nov 23 17:31:03 2026]: Received job test_job-1:21\n"
        "Autograder [Mon Nov 23 17:31:05 2026]: Success: Autodriver returned normally\n"
        "Autograder [Mon Nov 23 17:31:05 2026]: Here is the output from the autograder:\n"
        "---\n");
}

TEST_CASE("a make that failed is a success of autodriver's, a timeout is not") {
  model::RunOutcome outcome;
  outcome.exit_status = 2;
  CHECK(verdictLine(job(), ended(outcome)) == "Success: Autodriver returned normally");
  outcome = {};
  outcome.ended_by = model::Limit::kWallTime;
  CHECK(verdictLine(job(), ended(outcome)) == "Error: Job timed out after 10 seconds");
}

TEST_CASE("a failure of ours says which step failed") {
  CHECK(verdictLine(job(), failedAt(2, ErrorKind::kInvalid, 2)) ==
        "Error: Copy in to VM failed (status=-1)");
  CHECK(verdictLine(job(), failedAt(3, ErrorKind::kUnsupported, 2)) ==
        "Error: OS error while running job on VM");
  CHECK(verdictLine(job(), failedAt(4, ErrorKind::kSystem, 0)) ==
        "Error: Copy out from VM failed (status=-1)");
  CHECK(verdictLine(job(), failedAt(1, ErrorKind::kTimeout, 0)) == "Error: why");
}

TEST_CASE("a job that was given up shows how far each step came") {
  ::setenv("TZ", "UTC", 1);
  const std::string head =
      outputHeader(job(), failedAt(3, ErrorKind::kSystem, 2), kReceived, kEnded);
  CHECK(head ==
        "Autograder [Mon Nov 23 17:31:03 2026]: Received job test_job-1:21\n"
        "Autograder [Mon Nov 23 17:31:05 2026]: Internal error: Unable to complete job after 2 "
        "tries. Please resubmit\n"
        "Autograder [Mon Nov 23 17:31:05 2026]: Job status: waitVM=0 copyIn=0 runJob=3 "
        "copyOut=None\n"
        "Autograder [Mon Nov 23 17:31:05 2026]: Here is the output from the autograder:\n"
        "---\n");
}

TEST_CASE("the trace's lines are those that Autolab looks for") {
  CHECK(traceLine(kReceived, dispatchedLine(job(), 0)) ==
        "Mon Nov 23 17:31:03 2026|Dispatched job test_job-1:21 [try 0]");
  CHECK(assignedLine(job(), "local-1000-img", true) ==
        "Assigned job test_job-1:21 existing VM local-1000-img");
  CHECK(waitingLine(job(), "local-1000-img") == "Job test_job-1:21 waiting for VM local-1000-img");
  CHECK(readyLine(job(), "local-1000-img") == "VM local-1000-img ready for job test_job-1:21");
  CHECK(copiedInLine(job(), 0) == "Input copied for job test_job-1:21 [status=0]");
  CHECK(executedLine(job(), 2) == "Job test_job-1:21 executed [status=2]");
  CHECK(copiedOutLine(job(), 0) == "Output copied for job test_job-1:21 [status=0]");
}

}  // namespace
}  // namespace tango::scheduler
