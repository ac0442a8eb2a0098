// One slot serves many jobs, and nothing passes from one to the next. That it is one slot shows in
// the pid of its keeper: numbers of namespaces come again.
#include <chrono>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/background_job.hpp"
#include "sandbox/host_view.hpp"
#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using model::kMiB;
using test::bodyOf;
using test::contains;
using test::JobResult;
using test::runProgram;
using test::runWith;
using test::SandboxJobs;

vmms::SandboxConfig oneWarm() {
  vmms::SandboxConfig config = test::sandboxConfig();
  config.warm_slots_max = 1;
  return config;
}

// The pid of the keeper of the one slot that there is while a job runs in it.
pid_t slotOf(SandboxJobs& jobs, const model::MachineSpec& spec = SandboxJobs::hostSpec()) {
  test::BackgroundJob job(jobs, {{"Makefile", "all:\n\t@echo running; sleep 0.1\n"}}, {}, spec);
  REQUIRE(job.runUntilOutput("running"));
  const auto keepers = test::descendantsNamed(::getpid(), "tango-keeper");
  CHECK(test::failureOf(job.outcome()) == "");
  CHECK(job.destroy().ok());
  REQUIRE_FALSE(keepers.empty());
  return keepers.back();
}

TEST_CASE("a slot whose jobs behave serves the next job, whose pids begin anew") {
  SandboxJobs jobs(oneWarm());
  const pid_t first = slotOf(jobs);
  CHECK(bodyOf(jobs.runScript("echo $$")) == "3\n");
  CHECK(bodyOf(jobs.runScript("echo $$")) == "3\n");
  CHECK(slotOf(jobs) == first);
}

TEST_CASE("a job does not wait for a slot that is being renewed, while there may be more slots") {
  vmms::SandboxConfig config = test::sandboxConfig();
  config.warm_slots_max = 3;
  SandboxJobs jobs(std::move(config));
  for (int i = 0; i < 20; ++i) {
    CHECK(test::failureOf(jobs.run({{"Makefile", "all:\n"}}).outcome) == "");
  }
  const std::size_t slots = test::descendantsNamed(::getpid(), "tango-keeper").size();
  CHECK(slots >= 2);
  CHECK(slots <= 3);
}

TEST_CASE("a slot of an image that was made anew serves no further job") {
  SandboxJobs jobs(oneWarm());
  const pid_t before = slotOf(jobs);
  jobs.vmms().imageChanged("host");
  const pid_t after = slotOf(jobs);
  CHECK(after != before);
  jobs.vmms().imageChanged("another");
  CHECK(slotOf(jobs) == after);
}

TEST_CASE("a job that runs while its image is made anew leaves no slot of the old one") {
  SandboxJobs jobs(oneWarm());
  pid_t before = 0;
  {
    test::BackgroundJob job(jobs, {{"Makefile", "all:\n\t@echo running; sleep 0.1\n"}}, {},
                            SandboxJobs::hostSpec());
    REQUIRE(job.runUntilOutput("running"));
    before = test::descendantsNamed(::getpid(), "tango-keeper").back();
    jobs.vmms().imageChanged("host");
    CHECK(test::failureOf(job.outcome()) == "");
    CHECK(job.destroy().ok());
  }
  CHECK(slotOf(jobs) != before);
}

TEST_CASE("no file passes to the next job, wherever it was left") {
  SandboxJobs jobs(oneWarm());
  const pid_t before = slotOf(jobs);
  CHECK(
      bodyOf(jobs.runScript("for d in $HOME . /tmp /var/tmp /dev/shm; do echo x >$d/.left; mkdir "
                            "$d/left; ln -s / $d/link; done; cp Makefile $HOME; chmod 0 /tmp/left"))
          .empty());
  CHECK(bodyOf(jobs.runScript("ls -A $HOME . /tmp /var/tmp /dev/shm")) ==
        ".:\nMakefile\nscript\n\n/dev/shm:\n\n/home/autograde:\nautolab\n\n/tmp:\n\n/var/tmp:\n");
  CHECK(slotOf(jobs) == before);
}

TEST_CASE("no semaphore, queue or shared memory passes to the next job") {
  SandboxJobs jobs(oneWarm());
  const std::string all =
      "threads 4\npipe ok\nsem_open ok\nshm_open ok\nmq_open ok\nshmget ok\n"
      "semget ok\nmsgget ok\nmmap exec ok\n";
  for (int i = 0; i < 3; ++i) {  // each is made with O_EXCL
    CHECK(bodyOf(runProgram(jobs, "together.c")) == all);
  }
  CHECK(bodyOf(jobs.runScript("ipcs | grep -c autograde")).starts_with("0\n"));
}

TEST_CASE("no process passes to the next job") {
  SandboxJobs jobs(oneWarm());
  bodyOf(jobs.runScript("setsid -f sleep 1000; (sleep 1000 &); sleep 1000 & echo $!"));
  CHECK(bodyOf(jobs.runScript("ps -eo comm= >list; sort -u list | paste -sd' '")) ==
        "make ps sh\n");
}

TEST_CASE("ports and socket names are free for the next job, though the last one held them") {
  SandboxJobs jobs(oneWarm());
  const std::map<std::string, std::string> server = {{"server.py", R"(
import os, socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 4711))
s.listen()
a = socket.socket(socket.AF_UNIX)
a.bind("\0name")
a.listen()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 4711))
if "talk" in sys.argv:
    c = socket.create_connection(("127.0.0.1", 4711))
    p, _ = s.accept()
    p.close()
    c.close()
print("bound")
sys.stdout.flush()
if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(100)
)"}};
  for (const char* how : {"", "", "talk", "talk", ""}) {
    CHECK(bodyOf(runWith(jobs, std::string("/usr/bin/python3 server.py ") + how, server)) ==
          "bound\n");
  }
}

TEST_CASE("a slot whose job used its network is thrown away") {
  SandboxJobs jobs(oneWarm());
  const char* const tables =
      "cat /proc/net/snmp /proc/net/netstat /proc/net/dev /proc/net/tcp "
      "/proc/net/udp /proc/net/snmp6";
  const std::string fresh = bodyOf(jobs.runScript(tables));
  for (const char* use :
       {"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "s = socket.create_server(('', 9999)); socket.create_connection(('127.0.0.1', 9999))",
        // Attempts that end before a packet is sent.
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 9))",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect_ex(('2001:db8::1', 9))"}) {
    const pid_t before = slotOf(jobs);
    bodyOf(runWith(jobs, "/usr/bin/python3 -c \"import socket; " + std::string(use) + "\"", {}));
    CHECK(slotOf(jobs) != before);
    CHECK(bodyOf(jobs.runScript(tables)) == fresh);
  }
}

TEST_CASE("what the host's own network does costs no slot") {
  SandboxJobs jobs(oneWarm());
  const pid_t before = slotOf(jobs);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(slotOf(jobs) == before);
  ::close(client);
  ::close(listener);
  CHECK(slotOf(jobs) == before);
}

TEST_CASE(
    "a job's usage is its own: nothing of the last one's memory, processes or time is in it") {
  SandboxJobs jobs(oneWarm());
  const pid_t before = slotOf(jobs);
  const JobResult big = jobs.runScript(
      "for f in 1 2; do head -c 100000000 /dev/zero >/tmp/$f; done; for i in 1 2 3 4 5 6 7 8 9 10 "
      "11 12 13 14 15 16 17 18; "
      "do sleep 0.3 & done; timeout 0.3 sh -c 'while :; do :; done'; wait");
  bodyOf(big);
  CHECK(*big.outcome->usage.memory_peak_bytes > 200'000'000);
  CHECK(*big.outcome->usage.processes_peak > 18);
  CHECK(*big.outcome->usage.user_time > std::chrono::milliseconds(50));
  const JobResult little = jobs.runScript("echo little");
  CHECK(bodyOf(little) == "little\n");
  CHECK(*little.outcome->usage.memory_peak_bytes < 60 * kMiB);
  CHECK(*little.outcome->usage.processes_peak <= 8);
  CHECK(*little.outcome->usage.user_time < std::chrono::milliseconds(40));
  CHECK(*little.outcome->usage.disk_bytes < kMiB);
  CHECK(little.outcome->usage.output_bytes == 7);
  CHECK(slotOf(jobs) == before);
}

TEST_CASE("a job that ran out of memory leaves no count of it to the next one") {
  SandboxJobs jobs(oneWarm());
  model::MachineSpec spec = SandboxJobs::hostSpec();
  spec.memory_bytes = 64 * kMiB;
  CHECK(test::endedBy(runProgram(jobs, "hog.c", "memory 200", {}, spec)) == "memory");
  const JobResult next = jobs.runScript("exit 1", {}, spec);
  CHECK(test::endedBy(next) == "none");
  CHECK(next.outcome->oom_kills == 0);
}

TEST_CASE("a run's limits do not stay for the next one") {
  SandboxJobs jobs(oneWarm());
  model::RunLimits few;
  few.processes = 8;
  few.open_files = 20;
  few.file_size_bytes = 100'000;
  const std::string script =
      "ulimit -n; ulimit -f; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1 & "
      "done 2>/dev/null; wait; echo all";
  const std::string narrow = bodyOf(jobs.runScript(script, few));
  CHECK(narrow.starts_with("20\n"));
  CHECK_FALSE(contains(narrow, "all\n"));
  CHECK(bodyOf(jobs.runScript(script)) == "1024\n204800\nall\n");
  CHECK_FALSE(contains(bodyOf(jobs.runScript(script, few)), "all\n"));
}

TEST_CASE("a job of another kind of machine does not get the slot") {
  SandboxJobs jobs(oneWarm());
  const pid_t before = slotOf(jobs);
  model::MachineSpec other = SandboxJobs::hostSpec();
  other.disk_bytes = 5 * kMiB;
  CHECK(slotOf(jobs, other) != before);
}

// Taken while a job runs, when a slot is not on its way from one job to the next.
struct Measure {
  explicit Measure(SandboxJobs& jobs) {
    test::BackgroundJob job(jobs, {{"Makefile", "all:\n\t@echo running; sleep 0.3\n"}});
    REQUIRE(job.runUntilOutput("running"));
    const pid_t launcher = test::descendantsNamed(::getpid(), "tango-launcher").at(0);
    groups = test::cgroupsNamed("tango-" + std::to_string(launcher) + "-").size();
    descriptors = test::openDescriptors();
    for (const char* name : {"tango-slot", "tango-keeper", "tango-init"}) {
      processes += test::descendantsNamed(::getpid(), name).size();
    }
    CHECK(test::failureOf(job.outcome()) == "");
    CHECK(job.destroy().ok());
  }
  std::size_t groups = 0;
  std::size_t descriptors = 0;
  std::size_t processes = 0;
};

TEST_CASE("two hundred jobs leave the service and the host as one did") {
  SandboxJobs jobs(oneWarm());
  const pid_t slot = slotOf(jobs);
  const Measure before(jobs);
  CHECK(before.processes == 3);
  for (int i = 0; i < 200; ++i) {
    const JobResult job = jobs.run({{"Makefile", "all:\n\t@:\n"}});
    REQUIRE(test::endedBy(job) == "none");
  }
  CHECK(slotOf(jobs) == slot);
  const Measure after(jobs);
  CHECK(after.groups == before.groups);
  CHECK(after.descriptors == before.descriptors);
  CHECK(after.processes == before.processes);
}

}  // namespace
}  // namespace tango
