// Wall and CPU time: whatever a job does, its time ends.
#include <doctest/doctest.h>

#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using test::bodyOf;
using test::endedBy;
using test::JobResult;
using test::runProgram;
using test::SandboxJobs;

model::RunLimits wall(int wall_ms) {
  model::RunLimits limits;
  limits.wall_time = milliseconds(wall_ms);
  return limits;
}

model::RunLimits cpu(int cpu_ms) {
  model::RunLimits limits = wall(30'000);
  limits.cpu_time = milliseconds(cpu_ms);
  return limits;
}

microseconds cpuTime(const JobResult& job) {
  return *job.outcome->usage.user_time + *job.outcome->usage.system_time;
}

void checkTimedOut(SandboxJobs& jobs, const JobResult& job) {
  CHECK(endedBy(job) == "wall time");
  REQUIRE(job.outcome.ok());
  CHECK(job.outcome->timedOut());
  CHECK_FALSE(job.outcome->exit_status);
  CHECK(job.outcome->signal == 9);
  CHECK(job.output.starts_with("Autodriver: Job timed out after"));
  CHECK(job.outcome->usage.wall_time >= milliseconds(250));
  CHECK(bodyOf(jobs.runScript("echo next")) == "next\n");
}

TEST_CASE("a busy job ends when its wall time is over") {
  SandboxJobs jobs;
  checkTimedOut(jobs, runProgram(jobs, "hog.c", "busy", wall(300)));
}

TEST_CASE("a sleeping job ends when its wall time is over, and what it wrote is kept") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("echo before; sleep 100; echo after", wall(300));
  checkTimedOut(jobs, job);
  CHECK(job.body() == "before\n");
}

TEST_CASE("a stopped job ends when its wall time is over") {
  SandboxJobs jobs;
  checkTimedOut(jobs, jobs.runScript("kill -STOP $PPID; kill -STOP $$", wall(300)));
}

TEST_CASE("a job that ignores every signal ends when its wall time is over") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "ignore", wall(300));
  checkTimedOut(jobs, job);
  CHECK(job.body() == "ignoring\n");
}

TEST_CASE("processes in sessions of their own end with the wall time, too") {
  SandboxJobs jobs;
  checkTimedOut(jobs, jobs.runScript("setsid sleep 100 & setsid -f sleep 100; wait", wall(300)));
}

TEST_CASE("a job whose make has ended is over, though its daemons hold its output open") {
  SandboxJobs jobs;
  const JobResult job =
      jobs.runScript("setsid -f sleep 100; (sleep 100 &); echo done", wall(20'000));
  CHECK(bodyOf(job) == "done\n");
  CHECK(job.outcome->succeeded());
  CHECK(job.outcome->usage.wall_time < milliseconds(10'000));
}

TEST_CASE("a busy job ends when its CPU time is used up") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "busy", cpu(300));
  CHECK(endedBy(job) == "CPU time");
  CHECK(job.outcome->timedOut());
  CHECK(job.output.starts_with("Autodriver: Job used more than"));
  CHECK(cpuTime(job) >= milliseconds(300));
  CHECK(cpuTime(job) < milliseconds(1'500));
}

TEST_CASE("the CPU time of all of a job's processes counts together") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "busy2", cpu(400));
  CHECK(endedBy(job) == "CPU time");
  CHECK(cpuTime(job) >= milliseconds(400));
  CHECK(cpuTime(job) < milliseconds(2'000));
}

TEST_CASE("the CPU time of processes that have ended counts") {
  SandboxJobs jobs;
  CHECK(endedBy(jobs.runScript("while :; do timeout 0.02 sh -c 'while :; do :; done'; done",
                               cpu(300))) == "CPU time");
}

TEST_CASE("sleeping uses no CPU time") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("sleep 0.5; echo awake", cpu(200));
  CHECK(bodyOf(job) == "awake\n");
  CHECK(endedBy(job) == "none");
  CHECK(job.outcome->succeeded());
}

TEST_CASE("a job with half a core gets about half a core") {
  SandboxJobs jobs;
  model::MachineSpec spec = SandboxJobs::hostSpec();
  spec.cpu_millis = 500;
  const JobResult job = runProgram(jobs, "hog.c", "busy2", wall(1'000), spec);
  CHECK(endedBy(job) == "wall time");
  const double share = static_cast<double>(cpuTime(job).count()) /
                       static_cast<double>(job.outcome->usage.wall_time.count());
  CHECK(share < 0.75);
  CHECK(share > 0.2);
}

TEST_CASE("core files are off") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("ulimit -c; ulimit -Hc; sh -c 'kill -ABRT $$'; ls")) ==
        "0\n0\nAborted\nMakefile\nscript\n");
}

}  // namespace
}  // namespace tango
