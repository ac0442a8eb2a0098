// What a job cannot do: each line of programs/forbidden.c's answer is one attack and its end.
#include <doctest/doctest.h>

#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::JobResult;
using test::runProgram;
using test::SandboxJobs;

std::string answer(const std::string& what) {
  SandboxJobs jobs;
  return bodyOf(runProgram(jobs, "forbidden.c", what));
}

TEST_CASE("a job cannot make or enter a namespace") {
  const std::string said = answer("namespaces");
  CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
  CHECK(contains(said, "unshare user: EPERM\nclone user: EPERM\n"));
  CHECK(contains(said, "clone cgroup: EPERM\nunshare user and mount: EPERM\nsetns: EPERM\n"));
}

TEST_CASE("a job cannot change a mount") {
  const std::string said = answer("mounts");
  CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
  CHECK(contains(said, "mount tmpfs: EPERM\n"));
  CHECK(contains(said, "chroot: EPERM\nopen_tree: EPERM\nfsopen: EPERM\n"));
}

TEST_CASE("a job has no sockets but local ones, TCP, UDP and routing netlink") {
  const std::string said = answer("sockets");
  CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
  CHECK(contains(said,
                 "socket AF_VSOCK: EAFNOSUPPORT\nsocket AF_ALG: EAFNOSUPPORT\n"
                 "socket AF_PACKET: EAFNOSUPPORT\n"));
  CHECK(contains(said, "netlink netfilter: EPROTONOSUPPORT\n"));
}

TEST_CASE("a job has no way to the kernel's own machinery, and no right to gain") {
  const std::string said = answer("kernel");
  CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
  CHECK(contains(said,
                 "bpf: EPERM\nperf_event_open: EPERM\nuserfaultfd: EPERM\n"
                 "io_uring_setup: ENOSYS\nadd_key: EPERM\nkeyctl: EPERM\n"));
  CHECK(contains(said, "setuid 0: EPERM\nsetgid 0: EPERM\nsetgroups: EPERM\n"));
}

TEST_CASE("a job cannot touch its init") {
  const std::string said = answer("init");
  CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
  CHECK(contains(said, "ptrace attach init: EPERM\n"));
}

TEST_CASE("a job cannot kill or stop its init") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("for s in KILL STOP TERM INT SEGV HUP; do kill -$s 1 2>/dev/null && "
                              "echo sent $s; done; sleep 0.1; echo alive")) == "alive\n");
}

TEST_CASE("a job that kills all that it can see takes only itself") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("kill -KILL -1; sleep 10");
  REQUIRE(test::failureOf(job.outcome) == "");
  CHECK(job.outcome->signal == 9);
  CHECK(bodyOf(jobs.runScript("echo next")) == "next\n");
}

TEST_CASE("a job cannot type into a terminal") {
  const std::string said = answer("terminal");
  CHECK(said == "TIOCSTI: EPERM\nTIOCSTI with high bits: EPERM\n");
}

TEST_CASE("a call through another ABI kills the process that makes it") {
  SandboxJobs jobs;
  for (const char* abi : {"int80", "x32"}) {
    const JobResult job = runProgram(jobs, "forbidden.c", abi);
    const std::string said = bodyOf(job);
    CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
    CHECK_MESSAGE(contains(said, "Bad system call"), said);
  }
}

TEST_CASE("a setuid program gives no right, whoever made it") {
  SandboxJobs jobs;
  const std::string body = bodyOf(jobs.runScript(
      "cp /usr/bin/id . && chmod 6755 id && ./id -u; find / -xdev -perm -4000 -type f 2>/dev/null "
      "| "
      "head -n 1 | wc -l; su -c 'echo root' </dev/null 2>/dev/null || echo no su; sudo -n true "
      "2>/dev/null || echo no sudo"));
  CHECK(contains(body, "1000\n"));
  CHECK(contains(body, "no su\nno sudo\n"));
}

TEST_CASE("a hostile Makefile cannot have make run elsewhere, or keep init from ending it") {
  SandboxJobs jobs;
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(500);
  const JobResult job =
      jobs.run({{"Makefile",
                 "MAKEFLAGS += -C /\nall:\n\t@pwd; trap '' TERM INT HUP; while :; do sleep 9; "
                 "done\n"}},
               limits);
  REQUIRE(test::failureOf(job.outcome) == "");
  CHECK(job.outcome->ended_by == model::Limit::kWallTime);
  CHECK(job.body() == "/home/autograde/autolab\n");
}

}  // namespace
}  // namespace tango
