// Processes, files, disk and output.
#include <doctest/doctest.h>

#include "base/head_tail.hpp"
#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using base::HeadTail;
using model::kKiB;
using model::kMiB;
using test::bodyOf;
using test::contains;
using test::endedBy;
using test::JobResult;
using test::runProgram;
using test::SandboxJobs;

model::RunLimits quick(int wall_ms = 20'000) {
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(wall_ms);
  return limits;
}

model::MachineSpec withDisk(std::uint64_t bytes, std::uint64_t inodes = 100'000) {
  model::MachineSpec spec = SandboxJobs::hostSpec();
  spec.disk_bytes = bytes;
  spec.disk_inodes = inodes;
  return spec;
}

// Two of the slot's own are in the job's group.
void checkProcesses(SandboxJobs& jobs, const JobResult& job, std::uint64_t limit) {
  REQUIRE(test::failureOf(job.outcome) == "");
  REQUIRE(job.outcome->usage.processes_peak);
  CHECK(*job.outcome->usage.processes_peak <= limit + 2);
  CHECK(*job.outcome->usage.processes_peak >= limit);
  CHECK(bodyOf(jobs.runScript("echo next")) == "next\n");
}

TEST_CASE("a fork bomb in C stays within its processes and ends with the wall time") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "forkbomb", quick(1'000));
  CHECK(endedBy(job) == "wall time");
  checkProcesses(jobs, job, 100);
}

TEST_CASE("a fork bomb in sh stays within its processes") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("b() { b | b & }; b; sleep 0.5; wait; false", quick(3'000));
  checkProcesses(jobs, job, 100);
}

TEST_CASE("a job that fails for want of processes is ended by that limit") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.processes = 20;
  const JobResult job = runProgram(jobs, "hog.c", "forks", limits);
  CHECK(endedBy(job) == "processes");
  CHECK(contains(bodyOf(job), "made 18\n"));  // make and the program are two of the 20
  checkProcesses(jobs, job, 20);
}

TEST_CASE("threads count as processes") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.processes = 20;
  const JobResult job = runProgram(jobs, "hog.c", "threads", limits);
  CHECK(endedBy(job) == "processes");
  CHECK(contains(bodyOf(job), "made 18\n"));
  checkProcesses(jobs, job, 20);
}

TEST_CASE("two jobs at once have their processes each to itself") {
  SandboxJobs jobs;
  SandboxJobs others;
  model::RunLimits limits = quick();
  limits.processes = 60;
  CHECK(contains(bodyOf(runProgram(jobs, "hog.c", "forks", limits)), "made 58\n"));
  CHECK(contains(bodyOf(runProgram(others, "hog.c", "forks", limits)), "made 58\n"));
}

TEST_CASE("a file larger than its limit ends the program that writes it") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.file_size_bytes = kMiB;
  const JobResult job =
      jobs.runScript("head -c 2000000 /dev/zero >file; echo $?; wc -c <file", limits);
  CHECK(contains(bodyOf(job), "153\n1048576\n"));  // 128 + SIGXFSZ
  CHECK(bodyOf(runProgram(jobs, "hog.c", "fillquietly file", limits)) ==
        "1048576 bytes, File too large\n");
}

TEST_CASE("a job may not raise its own limits") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "for l in -f -n -u -l; do ulimit -H $l unlimited 2>/dev/null && echo "
            "raised $l; done; ulimit -c unlimited 2>/dev/null || echo no core")) == "no core\n");
}

TEST_CASE("home, /tmp, /var/tmp and /dev/shm share the disk") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript(
      "for f in /tmp/a /var/tmp/a /dev/shm/a $HOME/a ./a; do head -c 4000000 /dev/zero >$f "
      "2>/dev/null || echo full; done; cat /tmp/a /var/tmp/a /dev/shm/a $HOME/a ./a | wc -c; false",
      quick(), withDisk(10 * kMiB));
  const std::string body = bodyOf(job);
  CHECK(contains(body, "full\nfull\nfull\n"));
  const long bytes = std::strtol(body.substr(body.rfind("full\n") + 5).c_str(), nullptr, 10);
  CHECK(bytes > 10'000'000);
  CHECK(bytes <= 10 * 1024 * 1024);
  CHECK(endedBy(job) == "disk");
  CHECK(*job.outcome->usage.disk_bytes == 10 * kMiB);
}

TEST_CASE("a program that meets a full disk is told so") {
  SandboxJobs jobs;
  const JobResult job = runProgram(jobs, "hog.c", "fill /tmp/file", quick(), withDisk(8 * kMiB));
  CHECK(contains(bodyOf(job), "No space left on device"));
  CHECK(job.outcome->succeeded());
}

TEST_CASE("the number of files is limited") {
  SandboxJobs jobs;
  const JobResult job =
      jobs.runScript("i=0; while true >/tmp/f$i; do i=$((i+1)); done 2>/dev/null; echo $i; exit 1",
                     quick(), withDisk(100 * kMiB, 200));
  const long files = std::strtol(bodyOf(job).c_str(), nullptr, 10);
  CHECK(files > 150);
  CHECK(files < 200);
  CHECK(endedBy(job) == "disk");
}

TEST_CASE("open files are limited") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.open_files = 50;
  CHECK(bodyOf(runProgram(jobs, "hog.c", "open", limits)) == "47, Too many open files\n");
}

TEST_CASE("output at its limit is whole, and one byte more is too much") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.output_bytes = 1000;
  const auto write = [](int bytes) {
    return "head -c " + std::to_string(bytes) + " /dev/zero | tr '\\0' x";
  };
  const JobResult whole = jobs.runScript(write(1000), limits);
  CHECK(bodyOf(whole) == std::string(1000, 'x'));
  CHECK_FALSE(whole.outcome->output_elided);
  const JobResult cut = jobs.runScript(write(1001), limits);
  CHECK(bodyOf(cut) ==
        std::string(500, 'x') + std::string(HeadTail::kElided) + std::string(500, 'x'));
  CHECK(cut.outcome->output_elided);
  CHECK(cut.outcome->usage.output_bytes == 1001);
  CHECK(cut.outcome->succeeded());
}

TEST_CASE("of output over the limit the beginning and the end are kept") {
  SandboxJobs jobs;
  model::RunLimits limits = quick();
  limits.output_bytes = 100;
  const std::string body = bodyOf(jobs.runScript("echo begin; seq 1 100000; echo end", limits));
  CHECK(body.starts_with("begin\n1\n2\n"));
  CHECK(contains(body, HeadTail::kElided.data()));
  CHECK(body.ends_with("\n99999\n100000\nend\n"));
  CHECK(body.size() == 100 + HeadTail::kElided.size());
}

TEST_CASE("endless output ends with the wall time, in bounded memory") {
  SandboxJobs jobs;
  model::RunLimits limits = quick(1'000);
  limits.output_bytes = 10 * kKiB;
  const JobResult job = jobs.runScript("exec yes", limits);
  CHECK(endedBy(job) == "wall time");
  CHECK(job.outcome->output_elided);
  CHECK(job.outcome->usage.output_bytes > kMiB);
  CHECK(job.body().size() == 10 * kKiB + HeadTail::kElided.size());
}

}  // namespace
}  // namespace tango
