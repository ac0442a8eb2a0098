// Jobs in a container of autodriver's own making: what they see, and what bounds them.
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autodriver/attached.hpp"
#include "model/limits.hpp"

namespace tango::test {
namespace {

using drive::Ask;
using model::Limit;
using model::RunLimits;
using std::chrono::milliseconds;

TEST_CASE("it adds the user, makes a container, runs make in it and gives back the output") {
  const Machine machine;
  Attached attached;
  const Served served = attached.serve(
      "id; pwd; umask; echo $$JAVA_HOME$$A_SECRET; tail -n +3 /proc/net/dev | cut -d : -f 1;"
      "ls /proc | grep -c '^[0-9]'; exit 3");
  REQUIRE(!served.failure);
  CHECK(served.outcome.exit_status == 2);
  CHECK(!served.outcome.ended_by);
  CHECK(served.outcome.usage.disk_inodes.has_value());
  CHECK(served.outcome.usage.memory_peak_bytes.has_value());
  const std::string output = attached.takeOutput();
  CAPTURE(output);
  CHECK(
      output.starts_with("Autodriver: Job exited with status 2\n"
                         "uid=1902(autograde) gid=1902(autograde) groups=1902(autograde)\n"
                         "/home/autograde/autolab\n0022\n/java\n    lo\n"));
  CHECK(attached.takeOutput() == output);
  struct stat socket{};
  REQUIRE(::stat(kSocket, &socket) == 0);
  CHECK((socket.st_mode & 07777) == 0600);
  REQUIRE(::stat("/run/tango", &socket) == 0);
  CHECK((socket.st_mode & 07777) == 0700);
}

TEST_CASE("called by an ordinary user it has nothing of theirs but where programs are") {
  const Machine machine;
  Attached attached({{"--lease=60"}, 1000, kSocket});
  const Served served = attached.serve(
      "nice; umask; nproc; pwd; grep SigBlk /proc/self/status; echo $$JAVA_HOME$$A_SECRET");
  REQUIRE(!served.failure);
  const std::string cores = std::to_string(::sysconf(_SC_NPROCESSORS_ONLN));
  CHECK(attached.takeOutput() == "Autodriver: Job exited with status 0\n0\n0022\n" + cores +
                                     "\n/home/autograde/autolab\nSigBlk:\t0000000000000000\n"
                                     "/java\n");
}

TEST_CASE("a job has no rights, and can write to scratch alone") {
  const Machine machine;
  Attached attached;
  const Served served = attached.serve(
      "grep -E '^(CapBnd|CapEff|NoNewPrivs)' /proc/self/status | xargs;"
      "cat /proc/1/environ; ls /proc/1/fd /proc/1/root; ls -A /proc/self/fd | xargs;"
      "for d in / /etc /home /usr /run /run/lock; do echo x 2>&1 >$$d/x && echo broke $$d; done;"
      "for d in ~ /tmp /var/tmp /dev/shm; do echo x >$$d/x && echo wrote $$d; done;"
      "unshare -Ur true; unshare -m true; mount -t tmpfs x /tmp; umount /tmp; cat <&0; :");
  REQUIRE(!served.failure);
  const std::string output = attached.takeOutput();
  CAPTURE(output);
  CHECK(output.find("CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1\n") !=
        std::string::npos);
  CHECK(output.find("/proc/1/environ: No such file") != std::string::npos);
  CHECK(output.find("broke") == std::string::npos);
  CHECK(output.find("\n0 1 2 3\n") != std::string::npos);
  CHECK(output.find("wrote /home/autograde\nwrote /tmp\nwrote /var/tmp\nwrote /dev/shm\n") !=
        std::string::npos);
  CHECK(output.find("unshare failed: Operation not permitted") != std::string::npos);
}

TEST_CASE("a job has no way to the socket, and cannot harm the one that stands by") {
  const Machine machine;
  Attached attached;
  const Served served = attached.serve(
      "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"/run/tango/drive\")';"
      "ls /run /run/tango; /usr/local/bin/autodriver --attach=/run/tango/drive --lease=9;"
      "kill -9 1; python3 -c 'import ctypes;"
      "print(\"traced\", ctypes.CDLL(None).ptrace(16, 1, 0, 0))'; kill -9 -1");
  REQUIRE(!served.failure);
  const std::string output = attached.takeOutput();
  CAPTURE(output);
  CHECK(output.find("FileNotFoundError") != std::string::npos);
  CHECK(output.find("autodriver has not the rights of root") != std::string::npos);
  CHECK(output.find("traced -1") != std::string::npos);
}

struct LimitCase {
  const char* recipe;
  RunLimits limits;
  Limit ended_by;
};

RunLimits limitsOf(void (*set)(RunLimits&)) {
  RunLimits limits;
  limits.wall_time = milliseconds(20'000);
  set(limits);
  return limits;
}

TEST_CASE("each limit is kept, and named as the cause") {
  const LimitCase cases[] = {
      {"python3 -c 'print(len(bytearray(300 << 20)))'", limitsOf([](RunLimits&) {}),
       Limit::kMemory},
      {"for d in ~ /tmp /var/tmp /dev/shm; do head -c 2000000 /dev/zero >$$d/f || exit 1; done",
       limitsOf([](RunLimits&) {}), Limit::kDisk},
      {"for i in 1 2 3 4 5 6 7 8 9; do sleep 3 & done; wait",
       limitsOf([](RunLimits& l) { l.processes = 5; }), Limit::kProcesses},
      {"(while :; do :; done) & while :; do :; done",
       limitsOf([](RunLimits& l) { l.cpu_time = milliseconds(400); }), Limit::kCpuTime},
      {"sleep 1000", limitsOf([](RunLimits& l) { l.wall_time = milliseconds(300); }),
       Limit::kWallTime}};
  for (const LimitCase& one : cases) {
    const Machine machine;
    Attached attached({{"--lease=60", "--memory=100000000", "--disk=5000000", "--inodes=1000",
                        "--cpus=1000", "--io-rate=10000000"},
                       0,
                       kSocket});
    CAPTURE(one.recipe);
    const Served served = attached.serve(one.recipe, one.limits);
    REQUIRE(!served.failure);
    CHECK(served.outcome.ended_by == one.ended_by);
    if (one.ended_by == Limit::kProcesses) {
      CHECK(served.outcome.usage.processes_peak == 5);
    }
    CHECK(attached.takeOutput().starts_with("Autodriver: Job "));
  }
}

TEST_CASE("it outlives a fork bomb and a job that fills its disk and its memory") {
  for (const char* recipe :
       {"b() { b | b & }; b; sleep 1; b; wait",
        "(head -c 100000000 /dev/zero >/tmp/a) & head -c 100000000 /dev/zero >/tmp/b; exit 1"}) {
    const Machine machine;
    RunLimits limits;
    limits.wall_time = milliseconds(3000);
    limits.processes = 60;
    Attached attached({{"--lease=60", "--memory=60000000", "--disk=200000000"}, 0, kSocket});
    CHECK(!attached.serve(recipe, limits).failure);
    CHECK(attached.takeOutput().starts_with("Autodriver: Job "));
  }
}

TEST_CASE("files that do not fit on its disk are refused") {
  const Machine machine;
  Attached attached({{"--lease=60", "--disk=1000000"}, 0, kSocket});
  attached.waitReady();
  CHECK(attached.giveFiles({{"big", std::string(3'000'000, 'x')}})->kind() ==
        base::ErrorKind::kTooLarge);
}

TEST_CASE("with the machine's network a job has its interfaces and its name servers") {
  const Machine machine;
  REQUIRE(::system("mkdir -p /run/resolve && echo nameserver 9.9.9.9 >/run/resolve/stub &&"
                   "ln -sf /run/resolve/stub /etc/resolv.conf") == 0);
  Attached attached({{"--lease=60", "--network"}, 0, kSocket});
  CHECK(attached
            .serve("readlink /proc/self/ns/net; cat /etc/resolv.conf; ls /run; echo x >/run/x || :")
            .outcome.exit_status == 0);
  std::string own(100, '\0');
  own.resize(static_cast<std::size_t>(::readlink("/proc/self/ns/net", own.data(), own.size())));
  CHECK(attached.takeOutput().find("\n" + own + "\nnameserver 9.9.9.9\nresolve\n") !=
        std::string::npos);
  ::unlink("/etc/resolv.conf");
}

}  // namespace
}  // namespace tango::test
