// What an ordinary job sees of its surroundings, and what its end looks like.
#include <doctest/doctest.h>

#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::JobResult;
using test::SandboxJobs;

TEST_CASE("a job's output comes back under autodriver's line") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("echo to stdout; echo to stderr >&2; exit 0");
  REQUIRE(test::failureOf(job.outcome) == "");
  CHECK(job.output == "Autodriver: Job exited with status 0\nto stdout\nto stderr\n");
  CHECK(job.outcome->succeeded());
}

TEST_CASE("a job is the user autograde in its work folder") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("id -un; id -u; id -gn; id -G; pwd; cd; pwd; hostname")) ==
        "autograde\n1000\nautograde\n1000\n/home/autograde/autolab\n/home/autograde\ntango\n");
  CHECK(bodyOf(jobs.runScript("umask; stat -c '%U %a' . /home/autograde script")) ==
        "0022\nautograde 755\nautograde 755\nautograde 644\n");
}

TEST_CASE("a job's environment is autodriver's, and nothing of the service's is in it") {
  ::setenv("TANGO_TEST_SECRET", "secret", 1);
  SandboxJobs jobs;
  const std::string body = bodyOf(jobs.run({{"Makefile", "all:\n\t@env | sort\n"}}));
  CHECK(contains(body, "HOME=/home/autograde\n"));
  CHECK(contains(body, "USER=autograde\n"));
  CHECK(contains(body, "LOGNAME=autograde\n"));
  CHECK(contains(
      body, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.tango/bin\n"));
  CHECK_FALSE(contains(body, "secret"));
  ::unsetenv("TANGO_TEST_SECRET");
}

TEST_CASE("a job has no terminal and an empty standard input") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "test -t 0 || echo none; cat; (: </dev/tty) 2>/dev/null || echo no")) == "none\nno\n");
}

TEST_CASE("a job leads a session of its own and starts with every signal at its default") {
  SandboxJobs jobs;
  const std::string body =
      bodyOf(jobs.run({{"Makefile",
                        "all:\n\t@ps -o sid= -p $$PPID | tr -d ' '; grep SigBlk /proc/self/status; "
                        "grep SigIgn /proc/$$PPID/status\n"}}));
  CHECK(contains(body, "SigBlk:\t0000000000000000\n"));
  CHECK(contains(body, "SigIgn:\t0000000000000000\n"));
  CHECK(body.starts_with("2\n"));  // make: the first process after init
}

TEST_CASE("a program whose reader is gone dies of SIGPIPE, without a word") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("yes | head -n 1")) == "y\n");
}

TEST_CASE("a failing recipe is make's exit status 2") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("exit 3");
  CHECK(contains(bodyOf(job), "Error 3"));
  CHECK(job.output.starts_with("Autodriver: Job exited with status 2\n"));
  CHECK(job.outcome->exit_status == 2);
  CHECK_FALSE(job.outcome->signal);
  CHECK_FALSE(job.outcome->ended_by);
  CHECK_FALSE(job.outcome->succeeded());
}

TEST_CASE("a program that crashes fails its recipe") {
  SandboxJobs jobs;
  const JobResult job = jobs.run({{"Makefile", "all:\n\t@kill -SEGV $$$$\n"}});
  CHECK(contains(bodyOf(job), "Segmentation fault"));
  CHECK(job.outcome->exit_status == 2);
}

TEST_CASE("a make that a signal kills is a job ended by that signal") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("kill -KILL $PPID; sleep 10");
  REQUIRE(test::failureOf(job.outcome) == "");
  CHECK(job.outcome->signal == 9);
  CHECK_FALSE(job.outcome->exit_status);
  CHECK_FALSE(job.outcome->ended_by);
  CHECK(job.output.starts_with("Autodriver: Job ended by signal 9\n"));
}

TEST_CASE("an empty Makefile has no targets: make's status 2") {
  SandboxJobs jobs;
  const JobResult job = jobs.run({{"Makefile", ""}});
  CHECK(contains(bodyOf(job), "No targets"));
  CHECK(job.outcome->exit_status == 2);
}

TEST_CASE("a job without files, and so without a Makefile, ends with make's status 2") {
  SandboxJobs jobs;
  const JobResult job = jobs.run({});
  CHECK(contains(bodyOf(job), "no makefile found"));
  CHECK(job.outcome->exit_status == 2);
}

TEST_CASE("standard output and standard error come in the order in which they were written") {
  SandboxJobs jobs;
  const std::string body = bodyOf(jobs.runScript(
      "i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); echo $i >&2; i=$((i+1)); done"));
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    expected += std::to_string(i) + "\n";
  }
  CHECK(body == expected);
}

TEST_CASE("/dev/stdout, /dev/stderr and /dev/fd can be opened by path") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("echo a >/dev/stdout; echo b >/dev/stderr; echo c >/dev/fd/1; "
                              "echo d >>/proc/self/fd/2; echo e | tee /dev/stderr")) ==
        "a\nb\nc\nd\ne\ne\n");
}

TEST_CASE("output is kept byte for byte: NUL bytes, and bytes that are not UTF-8") {
  SandboxJobs jobs;
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
  }
  CHECK(bodyOf(jobs.run({{"Makefile", "all:\n\t@cat bytes bytes\n"}, {"bytes", all}})) ==
        all + all);
}

TEST_CASE("a job has the devices that programs expect, and no more") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("ls /dev; head -c 3 /dev/zero | od -An -tx1; echo x >/dev/null; "
                              "head -c 4 /dev/urandom | wc -c; echo x 2>&1 >/dev/full || true"))
            .starts_with("fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\n"
                         "urandom\nzero\n 00 00 00\n4\n"));
}

TEST_CASE("usage says what a job used") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript(
      "head -c 3000000 /dev/zero >file; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sleep "
      "0.2");
  bodyOf(job);
  const model::Usage& usage = job.outcome->usage;
  CHECK(usage.wall_time >= std::chrono::milliseconds(200));
  REQUIRE(usage.user_time);
  CHECK(*usage.user_time > std::chrono::milliseconds(10));
  CHECK(*usage.user_time < usage.wall_time);
  CHECK(usage.system_time.has_value());
  REQUIRE(usage.memory_peak_bytes);
  CHECK(*usage.memory_peak_bytes > 3'000'000);
  CHECK(*usage.memory_peak_bytes < 100 * model::kMiB);
  REQUIRE(usage.processes_peak);
  CHECK(*usage.processes_peak >= 2);
  REQUIRE(usage.disk_bytes);
  CHECK(*usage.disk_bytes >= 3'000'000);
  CHECK(*usage.disk_bytes < 4'000'000);
  REQUIRE(usage.disk_inodes);
  CHECK(*usage.disk_inodes >= 3);
  CHECK(usage.output_bytes == 0);
}

}  // namespace
}  // namespace tango
