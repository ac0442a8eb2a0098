// However a job, a slot or the whole service ends, nothing of it is left on the host.
#include <csignal>
#include <optional>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/background_job.hpp"
#include "sandbox/host_view.hpp"
#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::BackgroundJob;
using test::bodyOf;
using test::cgroupsNamed;
using test::descendantsNamed;
using test::descendantsOf;
using test::eventually;
using test::ProcessId;
using test::SandboxJobs;

// Every way in which a program tries to outlive its parent; says "running" when all are up.
constexpr const char* kDaemons =
    "sleep 1000 &\nsetsid sleep 1000 &\nsetsid -f sleep 1000\n(setsid sh -c 'trap \"\" TERM INT "
    "HUP "
    "QUIT; (sleep 1000 & sleep 1000) & sleep 1000' &)\nnohup sleep 1000 >/dev/null 2>&1 &\n"
    "sleep 0.1\necho running\n";

std::map<std::string, std::string> script(const std::string& text) {
  return {{"Makefile", "all:\n\t@sh script\n"}, {"script", text}};
}

model::RunLimits wall(int wall_ms) {
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(wall_ms);
  return limits;
}

vmms::SandboxConfig cold() {
  vmms::SandboxConfig config = test::sandboxConfig();
  config.warm_slots_max = 0;
  return config;
}

// What a service has on the host at a moment, and whether all of it is gone later.
class Traces {
 public:
  explicit Traces(pid_t service) : processes_(descendantsOf(service)), namespaces_(processes_) {
    for (const pid_t launcher : descendantsNamed(service, "tango-launcher")) {
      prefixes_.push_back("tango-" + std::to_string(launcher) + "-");
    }
  }
  [[nodiscard]] std::size_t processes() const { return processes_.size(); }
  [[nodiscard]] std::size_t namespaces() const { return namespaces_.size(); }
  [[nodiscard]] std::set<std::string> cgroups() const {
    std::set<std::string> all;
    for (const std::string& prefix : prefixes_) {
      all.merge(cgroupsNamed(prefix));
    }
    return all;
  }
  void checkGone() const {
    CHECK(eventually([this] { return !test::anyAlive(processes_); }));
    CHECK(eventually([this] { return !namespaces_.anyInside(); }));
    CHECK(eventually([this] { return cgroups().empty(); }));
    CHECK(test::tangoMounts() == 0);
  }

 private:
  std::set<ProcessId> processes_;
  test::HeldNamespaces namespaces_;
  std::vector<std::string> prefixes_;
};

// Runs `script` in a cold slot, until it has said "running".
struct Running {
  explicit Running(const std::string& text, model::RunLimits limits = {})
      : jobs(cold()), job(jobs, script(text), limits) {
    REQUIRE(job.runUntilOutput("running"));
  }
  SandboxJobs jobs;
  BackgroundJob job;
};

TEST_CASE("a daemon does not outlive its job") {
  Running run(std::string(kDaemons) + "sleep 0.2; exit 0");
  const Traces traces(::getpid());
  CHECK(traces.processes() > 10);
  CHECK(traces.namespaces() >= 7);
  REQUIRE(test::failureOf(run.job.outcome()) == "");
  CHECK(run.job.outcome()->succeeded());
  CHECK(run.job.destroy().ok());
  CHECK(eventually([] { return descendantsNamed(::getpid(), "sleep").empty(); }));
  CHECK(eventually([] { return descendantsNamed(::getpid(), "tango-keeper").empty(); }));
  CHECK(eventually([&] { return traces.cgroups().empty(); }));
}

TEST_CASE("a daemon is dead before its job's outcome is told") {
  Running run(std::string(kDaemons) + "sleep 0.2; exit 1");
  REQUIRE(test::failureOf(run.job.outcome()) == "");
  CHECK(descendantsNamed(::getpid(), "sleep").empty());
  CHECK(run.job.outcome()->exit_status == 2);
}

TEST_CASE("nothing is left of a job that timed out") {
  std::optional<Running> run(std::in_place, std::string(kDaemons) + "sleep 1000", wall(600));
  const Traces traces(::getpid());
  REQUIRE(test::failureOf(run->job.outcome()) == "");
  CHECK(descendantsNamed(::getpid(), "sleep").empty());
  run.reset();
  traces.checkGone();
}

TEST_CASE("nothing is left of a VM that is destroyed while its job runs, and runJob says so") {
  Running run(std::string(kDaemons) + "sleep 1000");
  CHECK(run.job.destroy().ok());
  REQUIRE_FALSE(run.job.outcome().ok());
  CHECK(run.job.outcome().error().kind() == base::ErrorKind::kCancelled);
  CHECK(eventually([] { return descendantsNamed(::getpid(), "sleep").empty(); }));
  CHECK(eventually([] { return descendantsNamed(::getpid(), "tango-keeper").empty(); }));
  CHECK(bodyOf(run.jobs.runScript("echo next")) == "next\n");
}

TEST_CASE("nothing is left when the VMMS goes while jobs run") {
  std::optional<Running> run(std::in_place, std::string(kDaemons) + "sleep 1000");
  const Traces traces(::getpid());
  CHECK(traces.cgroups().size() >= 1);
  run.reset();
  CHECK(descendantsOf(::getpid()).empty());  // its destructor waits
  traces.checkGone();
}

TEST_CASE("nothing is left when the service is killed while a job runs") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t service = ::fork();
  if (service == 0) {
    Running run(std::string(kDaemons) + "sleep 1000");
    static_cast<void>(!::write(ends[1], "x", 1));
    run.job.runUntil([] { return false; }, base::Millis(60'000));
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ends[0], &byte, 1) == 1);
  const Traces traces(service);
  CHECK(traces.processes() > 10);
  ::kill(service, SIGKILL);
  ::waitpid(service, nullptr, 0);
  traces.checkGone();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("files, shared memory and mounts of a job are not to be found on the host") {
  SandboxJobs jobs;
  const std::string mark = "tango-mark-" + std::to_string(::getpid());
  bodyOf(jobs.runScript("for d in /tmp /var/tmp /dev/shm $HOME .; do echo x >$d/" + mark +
                        "; done; ipcmk -M 4096 >/dev/null; ipcmk -Q >/dev/null; ipcs -m | grep -c "
                        "autograde"));
  for (const char* folder : {"/tmp", "/var/tmp", "/dev/shm", "/home", "/root"}) {
    CHECK_FALSE(std::filesystem::exists(std::string(folder) + "/" + mark));
  }
  std::ostringstream segments;
  segments << std::ifstream("/proc/sysvipc/shm").rdbuf()
           << std::ifstream("/proc/sysvipc/msg").rdbuf();
  CHECK_FALSE(test::contains(segments.str(), " 1879"));  // uids of slots: from 0x70000000 on
  CHECK(test::tangoMounts() == 0);
}

}  // namespace
}  // namespace tango
