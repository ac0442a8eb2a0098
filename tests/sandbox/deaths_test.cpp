// Any of the sandbox's own processes can be killed at any time: the service gets an answer, never
// silence, and goes on.
#include <csignal>

#include <doctest/doctest.h>
#include <unistd.h>

#include "sandbox/background_job.hpp"
#include "sandbox/host_view.hpp"
#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::BackgroundJob;
using test::bodyOf;
using test::descendantsNamed;
using test::descendantsOf;
using test::eventually;
using test::SandboxJobs;

vmms::SandboxConfig withWarmSlots(std::size_t count) {
  vmms::SandboxConfig config = test::sandboxConfig();
  config.warm_slots_max = count;
  return config;
}

const std::map<std::string, std::string> kLongJob = {
    {"Makefile", "all:\n\t@echo running; sleep 2; echo over\n"}};

pid_t only(const std::string& name) {
  std::vector<pid_t> found;
  REQUIRE(eventually([&] {
    found = descendantsNamed(::getpid(), name);
    return found.size() == 1;
  }));
  return found.front();
}

void checkNextJobRuns(SandboxJobs& jobs) {
  BackgroundJob next(jobs, {{"Makefile", "all:\n\t@echo next\n"}});
  CHECK(test::failureOf(next.outcome()) == "");
  CHECK(next.output() == "next\n");
}

TEST_CASE("a job whose init is killed is an error that may be tried again, and the next one runs") {
  SandboxJobs jobs(withWarmSlots(1));
  BackgroundJob job(jobs, kLongJob);
  REQUIRE(job.runUntilOutput("running"));
  ::kill(only("tango-init"), SIGKILL);
  REQUIRE_FALSE(job.outcome().ok());
  CHECK(job.outcome().error().kind() == base::ErrorKind::kSystem);
  CHECK(job.destroy().ok());
  checkNextJobRuns(jobs);
}

TEST_CASE("a job whose keeper is killed ends soon, with an answer, and the next one runs") {
  SandboxJobs jobs(withWarmSlots(1));
  BackgroundJob job(jobs, kLongJob);
  REQUIRE(job.runUntilOutput("running"));
  ::kill(only("tango-keeper"), SIGKILL);
  job.outcome();
  CHECK(job.destroy().ok());
  checkNextJobRuns(jobs);
  CHECK(eventually([] { return descendantsNamed(::getpid(), "sleep").empty(); }));
}

TEST_CASE("a job dies with its keeper") {
  SandboxJobs jobs(withWarmSlots(1));
  BackgroundJob job(jobs, {{"Makefile", "all:\n\t@echo running; sleep 1000\n"}});
  REQUIRE(job.runUntilOutput("running"));
  ::kill(only("tango-keeper"), SIGKILL);
  CHECK(eventually([] { return descendantsNamed(::getpid(), "sleep").empty(); },
                   base::Millis(3'000)));
}

TEST_CASE("a job whose slot is killed ends with it, and the next one runs") {
  SandboxJobs jobs(withWarmSlots(1));
  BackgroundJob job(jobs, {{"Makefile", "all:\n\t@echo running; sleep 4\n"}});
  REQUIRE(job.runUntilOutput("running"));
  const auto processes = descendantsOf(only("tango-slot"));
  ::kill(only("tango-slot"), SIGKILL);
  CHECK(eventually([&] { return !test::anyAlive(processes); }, base::Millis(3'000)));
  REQUIRE_FALSE(job.outcome().ok());
  CHECK(job.destroy().ok());
  checkNextJobRuns(jobs);
}

TEST_CASE("a warm slot that is killed while it waits is replaced") {
  for (const char* victim : {"tango-slot", "tango-keeper", "tango-init"}) {
    CAPTURE(victim);
    SandboxJobs jobs(withWarmSlots(1));
    CHECK(bodyOf(jobs.runScript("echo first")) == "first\n");
    REQUIRE(eventually([&] { return descendantsNamed(::getpid(), "tango-init").size() == 1; }));
    ::kill(only(victim), SIGKILL);
    REQUIRE(eventually([] { return descendantsNamed(::getpid(), "tango-init").empty(); },
                       base::Millis(3'000)));
    checkNextJobRuns(jobs);
  }
}

TEST_CASE("a killed launcher is an error, never silence") {
  SandboxJobs jobs(withWarmSlots(0));
  BackgroundJob job(jobs, kLongJob);
  REQUIRE(job.runUntilOutput("running"));
  ::kill(only("tango-launcher"), SIGKILL);
  job.outcome();  // either is fine: its slot may live on
  CHECK(job.destroy().ok());
  BackgroundJob next(jobs, {{"Makefile", "all:\n\t@echo next\n"}});
  if (!next.outcome().ok()) {
    CHECK(next.outcome().error().kind() == base::ErrorKind::kSystem);
  }
}

TEST_CASE("a stopped init is given up, and the job is an error") {
  SandboxJobs jobs(withWarmSlots(0));
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(200);
  BackgroundJob job(jobs, kLongJob, limits);
  REQUIRE(job.runUntilOutput("running"));
  const pid_t init = only("tango-init");
  ::kill(init, SIGSTOP);
  CHECK(job.runUntil([&] { return job.over(); }, base::Millis(40'000)));
  CHECK_FALSE(job.outcome().ok());
  CHECK(job.destroy().ok());
  // The slot ends its keeper and so its init, stopped or not.
  CHECK(eventually([] { return descendantsNamed(::getpid(), "tango-slot").empty(); },
                   base::Millis(5'000)));
  ::kill(init, SIGKILL);
}

}  // namespace
}  // namespace tango
