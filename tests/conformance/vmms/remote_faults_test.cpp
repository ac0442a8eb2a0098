// What goes wrong between a service and machines over ssh, each for real. Most of it must not be
// seen in a job's result; the rest is told by its cause.
#include <csignal>
#include <fstream>
#include <iterator>

#include <fcntl.h>

#include "base/unique_fd.hpp"
#include "conformance/vmms/remote_under_test.hpp"
#include "conformance/vmms/trial.hpp"
#include "unit/ssh/processes.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;

// Prints a line, goes on for as long as a connection takes to come back, prints another.
constexpr const char* kTwoLines = "echo one; sleep 2; echo two";

struct Faults : Trial {
  RemoteUnderTest& remote() { return static_cast<RemoteUnderTest&>(backend()); }
  MachineYard& yard() { return remote().yard; }
  /// The same service with another configuration.
  template <class Change>
  void configure(Change change) {
    change(remote().config);
    restart();
  }

  /// Kills every ssh of the service.
  void killSsh() {
    for (const pid_t each : processesWith(remote().controlFolder())) {
      ::kill(each, SIGKILL);
    }
  }

  /// A job that prints kTwoLines; `fault` happens behind its first line.
  template <class Fault>
  Result<RunOutcome> jobWith(Fault fault) {
    vm = loaded(script(kTwoLines));
    REQUIRE(liveOutput().onOutput(vm, [this](std::string_view piece) { live += piece; }).ok());
    const auto running = begin(vmms().runJob(vm, RunLimits{}));
    goOnUntil([&] { return live == "one\n" || running.done(); }, Millis{30'000}, "the first line");
    fault();
    return finish(running);
  }
  /// The same; nothing of the fault is to be seen.
  template <class Fault>
  void checkUnseen(Fault fault) {
    const Result<RunOutcome> outcome = jobWith(fault);
    REQUIRE(answer(outcome) == kOk);
    CHECK(outcome->succeeded());
    CHECK(live == "one\ntwo\n");
    CHECK(output() == "Autodriver: Job exited with status 0\none\ntwo\n");
  }

  std::string output() {
    const auto path = folder().path() / "fetched";
    const base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    CHECK(answer(copyOut(vm, fd.get())) == kOk);
    return contentOf(path);
  }
  static std::string contentOf(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  template <class T>
  static void checkFailed(const Result<T>& result, ErrorKind kind, std::string_view words) {
    REQUIRE_FALSE(result.ok());
    const std::string& message = result.error().message();
    CAPTURE(message);
    CHECK(result.error().kind() == kind);
    CHECK(message.find(words) != std::string::npos);
  }

  /// Machines are made whose set-up does `commands` and then says `word`.
  void setUp(const std::string& commands, const std::string& word = "ok") {
    yard().plan.user_data = "#!/bin/sh\n" + commands + "\nmkdir -p /var/lib/tango\necho '" + word +
                            "' > /var/lib/tango/set-up\n";
  }

  Vm vm;
  std::string live;
};

TEST_CASE_FIXTURE(Faults, "a job goes on when ssh is killed, and so does its live output") {
  checkUnseen([this] { killSsh(); });
}

TEST_CASE_FIXTURE(Faults, "a job goes on when the machine's sshd is away for a while") {
  checkUnseen([this] {
    yard().stopSshd(yard().last());
    goOnFor(Millis{300});
    yard().startSshd(yard().last());
  });
}

TEST_CASE_FIXTURE(Faults, "a job goes on when its machine gets another address") {
  checkUnseen([this] { yard().move(yard().last()); });
}

TEST_CASE_FIXTURE(Faults, "a job that ended while nobody was connected is still told") {
  const Result<RunOutcome> outcome = jobWith([this] {
    yard().stopSshd(yard().last());
    goOnFor(Millis{2'500});
    yard().startSshd(yard().last());
  });
  REQUIRE(answer(outcome) == kOk);
  CHECK(outcome->succeeded());
  CHECK(output() == "Autodriver: Job exited with status 0\none\ntwo\n");
}

TEST_CASE_FIXTURE(Faults, "a VM that waits for its job bears the loss of its connection") {
  vm = ready();
  killSsh();
  goOnFor(Millis{100});
  REQUIRE(answer(copyIn(vm, script("echo here"))) == kOk);
  killSsh();
  goOnFor(Millis{100});
  REQUIRE(answer(runJob(vm)) == kOk);
  killSsh();
  goOnFor(Millis{100});
  CHECK(output() == "Autodriver: Job exited with status 0\nhere\n");
}

TEST_CASE_FIXTURE(Faults, "output whose fetching breaks is fetched anew, behind what was there") {
  constexpr std::size_t kBytes = 40 * model::kMiB;
  vm = loaded(script("head -c " + std::to_string(kBytes) + " /dev/zero"));
  RunLimits limits;
  limits.output_bytes = 2 * kBytes;
  REQUIRE(answer(runJob(vm, limits)) == kOk);
  const auto path = folder().write("target", "header\n");
  const base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  ::lseek(fd.get(), 0, SEEK_END);
  const auto fetching = begin(vmms().copyOut(vm, {fd.get()}));
  goOnUntil([&] { return std::filesystem::file_size(path) > model::kMiB; }, Millis{30'000},
            "some output");
  killSsh();
  CHECK(answer(finish(fetching)) == kOk);
  const std::string expected =
      "header\nAutodriver: Job exited with status 0\n" + std::string(kBytes, '\0');
  CHECK((contentOf(path) == expected));
}

TEST_CASE_FIXTURE(Faults, "a machine that dies before it is ready ends waitVM with the reason") {
  yard().plan.held = true;
  vm = made();
  const auto waiting = begin(vmms().waitVM(vm, base::after(Millis{60'000})));
  goOnFor(Millis{60});
  CHECK_FALSE(waiting.done());
  yard().end(yard().last(), "InsufficientInstanceCapacity");
  checkFailed(finish(waiting, Millis{10'000}), ErrorKind::kSystem, "the machine");
}

TEST_CASE_FIXTURE(Faults, "a machine that dies while it is made ready ends waitVM") {
  setUp("sleep 60");
  vm = made();
  const auto waiting = begin(vmms().waitVM(vm, base::after(Millis{60'000})));
  goOnFor(Millis{1'000});
  CHECK_FALSE(waiting.done());
  yard().end(yard().last(), "SpotInstanceTermination");
  checkFailed(finish(waiting, Millis{10'000}), ErrorKind::kSystem, "SpotInstanceTermination");
}

TEST_CASE_FIXTURE(Faults, "a machine that dies while files come ends copyIn") {
  vm = ready();
  const InputFile big = file("big", std::string(200 * model::kMiB, 'b'));
  const auto copying = begin(vmms().copyIn(vm, {big}));
  goOnFor(Millis{50});
  CHECK_FALSE(copying.done());
  yard().end(yard().last(), "SpotInstanceTermination");
  checkFailed(finish(copying, Millis{20'000}), ErrorKind::kSystem, "copyIn");
}

TEST_CASE_FIXTURE(Faults, "a machine that dies while its job runs ends runJob with the reason") {
  const Result<RunOutcome> outcome =
      jobWith([this] { yard().end(yard().last(), "SpotInstanceTermination"); });
  checkFailed(outcome, ErrorKind::kSystem, "SpotInstanceTermination");
}

TEST_CASE_FIXTURE(Faults, "a machine that shuts itself down while its job runs ends runJob") {
  const Result<RunOutcome> outcome =
      jobWith([this] { yard().run(yard().last(), "(sleep 0.1; shutdown -P now) &"); });
  checkFailed(outcome, ErrorKind::kSystem, "it shut itself down");
}

TEST_CASE_FIXTURE(Faults, "a machine that dies behind its job ends copyOut with the reason") {
  vm = ran(script("echo lost"));
  yard().end(yard().last(), "SpotInstanceTermination");
  goOnUntil([this] { return yard().running() == 0; }, Millis{10'000}, "the machine's end");
  checkFailed(copyOut(vm), ErrorKind::kSystem, "SpotInstanceTermination");
}

TEST_CASE_FIXTURE(Faults, "a job whose autodriver is killed is an error, and is not run again") {
  const Result<RunOutcome> outcome =
      jobWith([this] { yard().run(yard().last(), "pkill -KILL autodriver"); });
  checkFailed(outcome, ErrorKind::kSystem, "runJob");
  CHECK(live == "one\n");
}

TEST_CASE_FIXTURE(Faults, "a machine that comes back with another host key is refused") {
  const Result<RunOutcome> outcome = jobWith([this] {
    yard().newHostKey(yard().last());
    yard().stopSshd(yard().last());
    yard().startSshd(yard().last());
  });
  checkFailed(outcome, ErrorKind::kSystem, "Host key verification failed");
}

TEST_CASE_FIXTURE(Faults, "a machine whose console shows another key is refused") {
  vm = made();
  yard().falsifyConsole(yard().last());
  checkFailed(waitVM(vm), ErrorKind::kSystem, "its host key is not the one that its console shows");
}

TEST_CASE_FIXTURE(Faults, "a console that contradicts a key too late is believed all the same") {
  yard().showConsole(false);
  vm = made();
  const auto waiting = begin(vmms().waitVM(vm, base::after(Millis{60'000})));
  goOnFor(Millis{1'500});
  CHECK_FALSE(waiting.done());
  yard().falsifyConsole(yard().last());
  yard().showConsole(true);
  checkFailed(finish(waiting, Millis{20'000}), ErrorKind::kSystem,
              "its host key is not the one that its console shows");
}

TEST_CASE_FIXTURE(Faults, "without a word of the console a machine is ready only if none is due") {
  yard().showConsole(false);
  vm = made();
  checkFailed(waitVM(vm, base::after(Millis{3'000})), ErrorKind::kTimeout, "its console");
  configure([](auto& config) { config.console_key_required = false; });
  CHECK(scriptJob("exit 0").outcome.succeeded());
}

TEST_CASE_FIXTURE(Faults, "a machine that is contradicted by its console later is given up") {
  yard().showConsole(false);
  configure([](auto& config) {
    config.console_key_required = false;
    config.lease = Millis{1'500};
    config.shuts_down = false;
  });
  vm = loaded(script("sleep 300"));
  const auto running = begin(vmms().runJob(vm, RunLimits{}));
  yard().falsifyConsole(yard().last());
  yard().showConsole(true);
  checkFailed(finish(running, Millis{20'000}), ErrorKind::kSystem,
              "its host key is not the one that its console shows");
}

// What a machine's image may lack: by ctest -C long alone.
TEST_SUITE_BEGIN("images");

TEST_CASE_FIXTURE(Faults, "a user who cannot become root is told with sudo's words") {
  setUp("echo 'root ALL=(ALL) ALL' > /etc/sudoers");
  checkFailed(waitVM(made()), ErrorKind::kUnsupported, "password is required");
}

TEST_CASE_FIXTURE(Faults, "a machine of another architecture is refused") {
  setUp(
      "printf '#!/bin/sh\\necho aarch64\\n' > /usr/local/bin/uname\nchmod 755 "
      "/usr/local/bin/uname");
  checkFailed(waitVM(made()), ErrorKind::kUnsupported, "its machine is aarch64");
}

TEST_CASE_FIXTURE(Faults, "a set-up that failed is told with its words") {
  setUp("", "apt-get: Unable to locate package make");
  checkFailed(waitVM(made()), ErrorKind::kSystem,
              "its set-up failed: apt-get: Unable to locate package make");
}

TEST_CASE_FIXTURE(Faults, "a machine is not ready before its set-up has ended") {
  setUp("sleep 2");
  vm = made();
  checkFailed(waitVM(vm, base::after(Millis{1'900})), ErrorKind::kTimeout, "");
  CHECK(answer(waitVM(made())) == kOk);
}

TEST_CASE_FIXTURE(Faults, "a login shell that prints something is told with its words") {
  setUp("echo 'echo Welcome aboard' > /home/ubuntu/.bashrc");
  checkFailed(waitVM(made()), ErrorKind::kUnsupported, "Welcome aboard");
}

TEST_CASE_FIXTURE(Faults, "a job runs where ssh comes as root and there is no sudo") {
  yard().plan.user = "root";
  setUp("rm -f /etc/sudoers");
  CHECK(scriptJob("id -un").body == "autograde\n");
}

TEST_CASE_FIXTURE(Faults, "a key that nobody lets in is told in ssh's words at the deadline") {
  vm = made();
  yard().awaitBooted(yard().last());
  yard().run(yard().last(), "rm -rf /home/ubuntu/.ssh");
  checkFailed(waitVM(vm, base::after(Millis{4'000})), ErrorKind::kTimeout, "Permission denied");
}

TEST_SUITE_END();

TEST_CASE_FIXTURE(Faults, "a job outlives the lease many times while its service lives") {
  configure([](auto& config) {
    config.lease = Millis{1'000};
    config.shuts_down = false;
  });
  CHECK(scriptJob("sleep 4").outcome.succeeded());
}

TEST_CASE_FIXTURE(Faults, "a machine whose service is gone shuts itself down behind its lease") {
  yard().plan.minute_s = 2;
  configure([](auto& config) { config.lease = Millis{60'000}; });
  vm = ready();
  restart();
  goOnUntil([this] { return yard().running() == 0; }, Millis{30'000}, "the machine's end");
}

TEST_CASE_FIXTURE(Faults, "what is left of ssh ends with the service") {
  vm = ready();
  CHECK_FALSE(processesWith(remote().controlFolder()).empty());
  restart();
  CHECK(comesTrue([this] {
    goOnFor(Millis{1});
    return processesWith(remote().controlFolder()).empty();
  }));
  CHECK(answer(destroyVM(vm)) == kOk);
}

}  // namespace
}  // namespace tango::test
