// Every limit holds, and the outcome names the one that was hit.
#include "base/clock.hpp"
#include "base/head_tail.hpp"
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

using model::kMiB;

TEST_CASE_FIXTURE(Trial, "a job over its wall time is ended, with what it had written") {
  RunLimits limits;
  limits.wall_time = Millis(1000);
  const RanJob ran = scriptJob("echo before; sleep 300; echo after", limits);
  CHECK(endedBy(ran) == "wall time");
  CHECK(ran.outcome.timedOut());
  CHECK_FALSE(ran.outcome.succeeded());
  CHECK(ran.line == "Autodriver: Job timed out after 1 seconds");
  CHECK(ran.body == "before\n");
  CHECK(ran.outcome.usage.wall_time >= Millis(1000));
  CHECK(ran.outcome.usage.wall_time < Millis(10'000));
}

TEST_CASE_FIXTURE(Trial, "a job over its wall time that ignores signals is ended all the same") {
  RunLimits limits;
  limits.wall_time = Millis(1000);
  const RanJob ran = scriptJob("trap '' TERM INT HUP; while :; do sleep 0.2; done", limits);
  CHECK(endedBy(ran) == "wall time");
  CHECK(ran.outcome.usage.wall_time < Millis(10'000));
}

TEST_CASE_FIXTURE(Trial, "a job over its CPU time is ended, long before its wall time") {
  if (!backend().enforces(Limit::kCpuTime)) {
    return;
  }
  RunLimits limits;
  limits.cpu_time = Millis(500);
  const RanJob ran = scriptJob("echo before; while :; do :; done", limits);
  CHECK(endedBy(ran) == "CPU time");
  CHECK(ran.outcome.timedOut());
  CHECK(ran.line == "Autodriver: Job used more than 1 seconds of CPU time");
  CHECK(ran.body == "before\n");
}

TEST_CASE_FIXTURE(Trial, "sleeping costs no CPU time") {
  if (!backend().enforces(Limit::kCpuTime)) {
    return;
  }
  RunLimits limits;
  limits.cpu_time = Millis(500);
  CHECK(scriptJob("sleep 0.8", limits).outcome.succeeded());
}

TEST_CASE_FIXTURE(Trial, "a job that takes more memory than its VM has is ended for it") {
  if (!backend().enforces(Limit::kMemory)) {
    return;
  }
  MachineSpec small = spec();
  small.memory_bytes = 64 * kMiB;
  const RanJob ran = scriptJob("tail /dev/zero", {}, small);
  CHECK(endedBy(ran) == "memory");
  CHECK(ran.outcome.oom_kills > 0);
  CHECK(ran.outcome.usage.memory_peak_bytes.value_or(0) <= small.memory_bytes);
  CHECK_FALSE(ran.outcome.succeeded());
}

TEST_CASE_FIXTURE(Trial, "a job has no more processes than its limit") {
  if (!backend().enforces(Limit::kProcesses)) {
    return;
  }
  RunLimits limits;
  limits.processes = 10;
  const RanJob ran = scriptJob(
      "i=0; while [ $i -lt 50 ]; do sleep 30 & i=$((i + 1)); done; echo all of them", limits);
  CHECK(ran.body.find("all of them") == std::string::npos);
  CHECK(endedBy(ran) == "processes");
  CHECK(ran.outcome.exit_status == 2);
}

TEST_CASE_FIXTURE(Trial, "a job may have as many processes as its limit says") {
  RunLimits limits;
  limits.processes = 150;
  const RanJob ran = scriptJob(
      "i=0; while [ $i -lt 120 ]; do sleep 30 & i=$((i + 1)); done; echo all of them", limits);
  CHECK(ran.body == "all of them\n");
  CHECK(ran.outcome.succeeded());
}

TEST_CASE_FIXTURE(Trial, "a job that fills its VM's disk fails for it") {
  if (!backend().enforces(Limit::kDisk)) {
    return;
  }
  MachineSpec small = spec();
  small.disk_bytes = 8 * kMiB;
  const RanJob ran = scriptJob("head -c 50000000 /dev/zero > big", {}, small);
  CHECK(ran.outcome.exit_status == 2);
  CHECK(endedBy(ran) == "disk");
}

TEST_CASE_FIXTURE(Trial, "no file of a job grows over the file size limit") {
  RunLimits limits;
  limits.file_size_bytes = kMiB;
  const RanJob ran = scriptJob("head -c 3000000 /dev/zero > big; echo $?; wc -c < big", limits);
  const std::size_t line_end = ran.body.rfind('\n', ran.body.size() - 2);
  CHECK(ran.body.substr(0, 2) != "0\n");
  CHECK(std::stoul(ran.body.substr(line_end + 1)) == kMiB);
}

TEST_CASE_FIXTURE(Trial, "a job has as many open files as its limit says") {
  RunLimits limits;
  limits.open_files = 64;
  CHECK(scriptJob("ulimit -n", limits).body == "64\n");
}

std::string lines(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

TEST_CASE_FIXTURE(Trial, "of output over its limit the first and the last half are kept") {
  RunLimits limits;
  limits.output_bytes = 1000;
  const RanJob ran = scriptJob("seq 1 20000", limits);
  const std::string all = lines(1, 20'000);
  CHECK(ran.outcome.output_elided);
  CHECK(ran.outcome.succeeded());
  CHECK(ran.outcome.usage.output_bytes == all.size());
  CHECK(ran.body ==
        all.substr(0, 500) + std::string(base::HeadTail::kElided) + all.substr(all.size() - 500));
}

TEST_CASE_FIXTURE(Trial, "output of exactly its limit is kept whole") {
  const std::string all = lines(1, 1000);
  RunLimits limits;
  limits.output_bytes = all.size();
  const RanJob ran = scriptJob("seq 1 1000", limits);
  CHECK_FALSE(ran.outcome.output_elided);
  CHECK(ran.body == all);
}

TEST_CASE_FIXTURE(Trial,
                  "a job that writes without end is ended by its wall time, output bounded") {
  RunLimits limits;
  limits.wall_time = Millis(1000);
  limits.output_bytes = 10'000;
  const RanJob ran = scriptJob("yes", limits);
  CHECK(endedBy(ran) == "wall time");
  CHECK(ran.outcome.output_elided);
  CHECK(ran.body.size() <= limits.output_bytes + base::HeadTail::kElided.size());
}

}  // namespace
}  // namespace tango::test
