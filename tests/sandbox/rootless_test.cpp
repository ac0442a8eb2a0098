// The sandbox of an ordinary user: what holds there, and what is refused. Each case runs in a
// child that has given its rights up; skipped where the tests are not run by root, since then all
// the other files run as an ordinary user anyway.
#include <array>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "sandbox/scripts.hpp"
#include "support/address_sanitizer.hpp"

namespace tango {
namespace {

using test::contains;
using test::JobResult;
using test::SandboxJobs;

constexpr uid_t kNobody = 65534;

vmms::SandboxConfig unenforced(const std::filesystem::path& launcher) {
  vmms::SandboxConfig config = test::sandboxConfig();
  config.launcher = launcher;
  config.allow_unenforced = true;
  return config;
}

std::string told(const JobResult& job) {
  return job.outcome ? job.output : "error: " + job.outcome.error().message() + "\n";
}

// What `act` says, run as user nobody with a launcher that nobody may read.
std::string asNobody(const std::function<std::string(const std::filesystem::path&)>& act) {
  const test::TempFolder folder;
  const std::filesystem::path launcher = folder.path() / "tango-sandbox";
  std::filesystem::copy_file(TANGO_SANDBOX_PROGRAM, launcher);
  const std::filesystem::path student = folder.path() / "tango-student";
  std::filesystem::copy_file(
      std::filesystem::path(TANGO_SANDBOX_PROGRAM).replace_filename("tango-student"), student);
  ::chmod(student.c_str(), 0755);
  ::chmod(folder.path().c_str(), 0755);
  ::chmod(launcher.c_str(), 0755);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool dropped = ::setgroups(0, nullptr) == 0 &&
                         ::setresgid(kNobody, kNobody, kNobody) == 0 &&
                         ::setresuid(kNobody, kNobody, kNobody) == 0;
    const std::string said = dropped ? act(launcher) : "could not become nobody";
    static_cast<void>(!::write(ends[1], said.data(), said.size()));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  std::array<char, 4096> piece{};
  for (ssize_t got = 0; (got = ::read(ends[0], piece.data(), piece.size())) > 0;) {
    said.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return said;
}

std::string script(const std::string& text, model::RunLimits limits = {}) {
  return asNobody([&](const std::filesystem::path& launcher) {
    SandboxJobs jobs(unenforced(launcher));
    return told(jobs.runScript(text, limits));
  });
}

// A program of programs/, run as nobody.
std::string answer(const std::string& program, const std::string& arguments,
                   model::RunLimits limits = {}) {
  test::compiled(program);
  return asNobody([&](const std::filesystem::path& launcher) {
    SandboxJobs jobs(unenforced(launcher));
    return told(runProgram(jobs, program, arguments, limits));
  });
}

bool isRoot() {
  if (::geteuid() != 0) {
    MESSAGE("not run by root: nothing to give up");
  }
  return ::geteuid() == 0;
}

TEST_CASE("an ordinary user can run a job, which is autograde as ever") {
  if (!isRoot()) return;
  CHECK(script("id -un; id -u; pwd; umask; echo x >file; cat file; gcc --version >/dev/null; cat "
               "/dev/stdin; echo y >/dev/stdout") ==
        "Autodriver: Job exited with status 0\nautograde\n1000\n/home/autograde/autolab\n0022\nx\n"
        "y\n");
}

TEST_CASE("without leave to go without, a limit that cannot be enforced is refused by name") {
  if (!isRoot()) return;
  const std::string said = asNobody([](const std::filesystem::path& launcher) {
    vmms::SandboxConfig config = unenforced(launcher);
    config.allow_unenforced = false;
    SandboxJobs jobs(config);
    return told(jobs.runScript("echo ran"));
  });
  CHECK_FALSE(contains(said, "ran"));
  CHECK_MESSAGE(contains(said, "this host cannot limit a job's memory: "), said);
  CHECK_MESSAGE((contains(said, "run as root") || contains(said, "Delegate=yes") ||
                 contains(said, "no control groups")),
                said);
}

TEST_CASE("CPU time that nothing counts is refused by name") {
  if (!isRoot()) return;
  const std::string said = asNobody([](const std::filesystem::path& launcher) {
    vmms::SandboxConfig config = unenforced(launcher);
    config.allow_unenforced = false;
    SandboxJobs jobs(config);
    model::RunLimits limits;
    limits.cpu_time = std::chrono::milliseconds(500);
    model::MachineSpec spec = SandboxJobs::hostSpec();
    spec.memory_bytes = 0;
    return told(jobs.runScript("echo ran", limits, spec));
  });
  CHECK_FALSE(contains(said, "\nran"));
  CHECK_MESSAGE(contains(said, "CPU time"), said);
}

TEST_CASE("an ordinary user's job is isolated as root's is") {
  if (!isRoot()) return;
  for (const char* what : {"namespaces", "mounts", "sockets", "kernel", "terminal"}) {
    const std::string said = answer("forbidden.c", what);
    CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
    CHECK_MESSAGE(contains(said, "EPERM"), said);
  }
  const std::string seen = script(
      "ls -d /work /etc/shadow /proc/1 2>/dev/null; grep -E 'Cap(Prm|Bnd)|"
      "NoNewPrivs' /proc/self/status; (: >/usr/x) 2>&1 | grep -c Read-only");
  CHECK_MESSAGE(contains(seen,
                         "CapPrm:\t0000000000000000\nCapBnd:\t0000000000000000\n"
                         "NoNewPrivs:\t1\n1\n"),
                seen);
}

TEST_CASE("an ordinary user's job cannot touch its init, whose user it shares") {
  if (!isRoot()) return;
  const std::string said = answer("forbidden.c", "init");
  CHECK_FALSE_MESSAGE(contains(said, "allowed"), said);
  CHECK_MESSAGE(contains(said, "ptrace attach init: EPERM\n"), said);
}

TEST_CASE("wall time, processes, file sizes and disk are limited without any control group") {
  if (!isRoot()) return;
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(400);
  CHECK(contains(script("setsid -f sleep 100; sleep 100", limits), "Job timed out after"));
  limits.wall_time = std::chrono::milliseconds(20'000);
  limits.processes = 20;
  CHECK(contains(answer("hog.c", "forks", limits), "made 18\n"));
  limits.file_size_bytes = 100'000;
  CHECK(contains(answer("hog.c", "fillquietly file", limits), "100000 bytes, File too large\n"));
}

TEST_CASE("an ordinary user's grader runs its student's command apart, though with its own id") {
  if (::geteuid() != 0) {
    return;
  }
  const std::string said = script(
      "echo secret >secret; echo secret >/tmp/secret; sleep 60 & pid=$!\n"
      "tango-student sh -c 'id -u; echo /proc/[0-9]*; kill -9 -1; kill -9 1; for p in 3 4 5 6 7 8 "
      "9 "
      "10 11 12 13 14; do kill -9 $p; done; ls /proc/1/fd; cat /proc/1/environ; find /home /tmp "
      "-name \"*secret*\" -o -name .tango-student; tango-student true; echo alive $?' 2>/dev/null\n"
      "kill -0 $pid && echo too; tango-student --processes 3 --timeout 0.3 sh -c ':(){ :|:& :;}; "
      ":' "
      ">/dev/null 2>&1; sh -c 'echo graded'");
  CAPTURE(said);
  const std::string refused = test::kAddressSanitizer ? "134" : "125";
  CHECK(contains(said, "1000\n/proc/2\nalive " + refused + "\ntoo\ngraded\n"));
}

}  // namespace
}  // namespace tango
