// Memory: a job that takes too much ends for that, and nothing else suffers.
#include <doctest/doctest.h>

#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using model::kMiB;
using test::bodyOf;
using test::contains;
using test::endedBy;
using test::JobResult;
using test::runProgram;
using test::SandboxJobs;

model::MachineSpec small() {
  model::MachineSpec spec = SandboxJobs::hostSpec();
  spec.memory_bytes = 64 * kMiB;
  return spec;
}

model::RunLimits quick() {
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(20'000);
  return limits;
}

void checkEndedByMemory(SandboxJobs& jobs, const JobResult& job) {
  CHECK(endedBy(job) == "memory");
  REQUIRE(job.outcome.ok());
  CHECK(job.outcome->oom_kills > 0);
  REQUIRE(job.outcome->usage.memory_peak_bytes);
  CHECK(*job.outcome->usage.memory_peak_bytes > 50 * kMiB);
  CHECK(*job.outcome->usage.memory_peak_bytes <= 64 * kMiB);
  // The service, and the slot if it was kept, have come through.
  CHECK(bodyOf(jobs.runScript("echo next", {}, small())) == "next\n");
}

TEST_CASE("a job that stays within its memory is left alone") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "memory 40", quick(), small());
  CHECK(bodyOf(job).empty());
  CHECK(job.outcome->succeeded());
  CHECK(job.outcome->oom_kills == 0);
}

TEST_CASE("a process that takes too much memory ends its job") {
  SandboxJobs jobs;
  checkEndedByMemory(jobs, runProgram(jobs, "hog.c", "memory 200", quick(), small()));
}

TEST_CASE("a job that makes itself a worse victim for the OOM killer ends all the same") {
  SandboxJobs jobs;
  checkEndedByMemory(jobs, runProgram(jobs, "hog.c", "adjust 200", quick(), small()));
}

TEST_CASE("many processes that take too much memory together end their job") {
  SandboxJobs jobs;
  checkEndedByMemory(jobs, runProgram(jobs, "hog.c", "many 200", quick(), small()));
}

TEST_CASE("shared memory counts") {
  SandboxJobs jobs;
  checkEndedByMemory(jobs, runProgram(jobs, "hog.c", "shared 200", quick(), small()));
}

TEST_CASE("files in memory count") {
  SandboxJobs jobs;
  for (const char* folder : {"/tmp", "/dev/shm", "."}) {
    CAPTURE(folder);
    checkEndedByMemory(jobs, jobs.runScript(std::string("head -c 200000000 /dev/zero >") + folder +
                                                "/file; echo survived",
                                            quick(), small()));
  }
}

TEST_CASE("files that fill the memory, with a shell that goes on, end in an outcome") {
  SandboxJobs jobs;
  const JobResult job =
      jobs.run({{"Makefile",
                 "all:\n\t-@head -c 200000000 /dev/zero >/tmp/a\n\t-@head -c 200000000 "
                 "/dev/zero >/tmp/b\n\t-@head -c 200000000 /dev/zero >/tmp/c\n\t@false\n"}},
               quick(), small());
  CHECK(endedBy(job) == "memory");
  CHECK(bodyOf(jobs.runScript("echo next", {}, small())) == "next\n");
}

TEST_CASE("SysV shared memory that nobody maps counts, and goes with its job") {
  SandboxJobs jobs;
  const char* const script =
      "for i in 1 2 3 4 5 6 7 8 9; do /usr/bin/python3 -c \"import ctypes\n"
      "libc = ctypes.CDLL(None)\nlibc.shmat.restype = ctypes.c_void_p\n"
      "at = libc.shmat(libc.shmget(0, 16 << 20, 0o1600), None, 0)\n"
      "ctypes.memset(at, 1, 16 << 20)\" || exit 1; done; echo survived";
  checkEndedByMemory(jobs, jobs.runScript(script, quick(), small()));
}

TEST_CASE("a grader that sees its child run out of memory, and exits 0, has succeeded") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "child", quick(), small());
  CHECK(contains(bodyOf(job), "child: signal 9\n"));
  CHECK(endedBy(job) == "none");
  CHECK(job.outcome->succeeded());
  CHECK(job.outcome->oom_kills > 0);
}

TEST_CASE("a job that forks and takes memory without end is ended, and the next one runs") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.wall_time = std::chrono::milliseconds(3'000);
  const JobResult job = jobs.runScript(
      "b() { x=$(head -c 3000000 /dev/zero | tr '\\0' x); b | b & b; }; b", limits, small());
  const std::string ended = endedBy(job);
  CHECK_MESSAGE((ended == "memory" || ended == "wall time" || ended == "processes"), ended);
  CHECK(bodyOf(jobs.runScript("echo next", {}, small())) == "next\n");
}

}  // namespace
}  // namespace tango
