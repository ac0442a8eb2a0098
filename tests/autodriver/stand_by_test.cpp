// An autodriver that stands by and the jobs that it runs, in a container of the test's own making.
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "autodriver/stand_by_container.hpp"
#include "drive/tree_stream.hpp"
#include "model/limits.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using drive::Ask;
using drive::Tell;
using model::Limit;
using model::RunLimits;
using std::chrono::milliseconds;

RunLimits within(milliseconds wall_time) {
  RunLimits limits;
  limits.wall_time = wall_time;
  return limits;
}

TEST_CASE("it makes the files, runs make and gives back the output") {
  Container container({});
  const Served served = container.serve("id -un; pwd; umask; echo $$JAVA_HOME$$A_SECRET; exit 3");
  REQUIRE(!served.failure);
  CHECK(served.outcome.exit_status == 2);
  CHECK(!served.outcome.ended_by);
  CHECK(served.outcome.usage.disk_inodes.has_value());
  const std::string output =
      "autograde\n/home/autograde/autolab\n0022\n/javas\nmake: *** [Makefile:2: all] Error 3\n";
  CHECK(served.outcome.usage.output_bytes == output.size());
  std::string live;
  for (const auto& [offset, bytes] : served.live) {
    CHECK(offset == live.size());
    live += bytes;
  }
  CHECK(live == output);
  CHECK(container.takeOutput() == "Autodriver: Job exited with status 2\n" + output);
  CHECK(container.takeOutput().ends_with(output));  // as often as it is asked for
  container.hangUp();
  CHECK(container.exitStatus() == 0);
  CHECK(container.lastWord() == "Autodriver: the service is gone\n");
}

TEST_CASE("files keep their modes and dates, and the folder is the job's user's") {
  Container container({});
  container.waitReady();
  drive::RecordHead head;
  head.kind = drive::RecordKind::kFile;
  head.mode = 0755;
  head.mtime_s = 1'000'000'000;
  std::string stream;
  drive::appendRecord(stream, head, "run.sh", "");
  drive::appendChunk(stream, "#!/bin/sh\necho ran\n");
  drive::appendChunk(stream, "");
  REQUIRE(!container.giveStream(
      stream + streamOf({{"Makefile", "all:\n\t@./run.sh; stat -c '%a %u %Y' run.sh .\n"}})));
  container.askRun({});
  CHECK(container.takeRun().outcome.exit_status == 0);
  const std::string output = container.takeOutput();
  CHECK(output.find("ran\n755 1901 1000000000\n755 1901 ") != std::string::npos);
}

TEST_CASE("a job has no rights, sees nothing of autodriver's, and can write to scratch alone") {
  Container container({});
  CHECK(container
            .serve("grep -E '^(CapBnd|CapEff|NoNewPrivs)' /proc/self/status | xargs;"
                   "cat /proc/1/environ; ls /proc/1/fd; ls -A /proc/self/fd | xargs;"
                   "for d in / /etc /home /usr; do echo x 2>&1 >$$d/x; done; cat <&0;"
                   "for d in ~ /tmp /var/tmp /dev/shm; do echo x >$$d/x && echo wrote $$d; done")
            .outcome.exit_status == 0);
  const std::string output = container.takeOutput();
  CAPTURE(output);
  CHECK(output.find("CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1\n") !=
        std::string::npos);
  CHECK(output.find("environ: Permission denied") != std::string::npos);
  CHECK(output.find("/proc/1/fd'") != std::string::npos);
  CHECK(output.find("\n0 1 2 3\n") != std::string::npos);
  CHECK(output.find("wrote /home/autograde\nwrote /tmp\nwrote /var/tmp\nwrote /dev/shm\n") !=
        std::string::npos);
}

TEST_CASE("a time limit is counted in milliseconds") {
  Container container({});
  const Served served = container.serve("echo begun; sleep 1000", within(milliseconds(700)));
  CHECK(served.outcome.ended_by == Limit::kWallTime);
  CHECK(served.outcome.usage.wall_time >= milliseconds(700));
  CHECK(container.takeOutput() == "Autodriver: Job timed out after 1 seconds\nbegun\n");
  CHECK(container.processes() == 1);
}

TEST_CASE("CPU time is that of all processes together") {
  Container container({});
  RunLimits limits;
  limits.cpu_time = milliseconds(400);
  const Served served = container.serve("(while :; do :; done) & while :; do :; done", limits);
  if (!container.hasGroup()) {
    REQUIRE(served.failure);
    CHECK(served.failure->kind() == ErrorKind::kUnsupported);
    return;
  }
  CHECK(served.outcome.ended_by == Limit::kCpuTime);
  CHECK(container.takeOutput().starts_with("Autodriver: Job used more than 1 seconds of CPU time"));
}

TEST_CASE("open files and the size of files are limited") {
  Container container({});
  RunLimits limits;
  limits.file_size_bytes = 100'000;
  limits.open_files = 40;
  CHECK(container.serve("ulimit -n; ulimit -c; head -c 300000 /dev/zero >big; wc -c <big", limits)
            .outcome.exit_status == 0);
  const std::string output = container.takeOutput();
  CHECK(output.find("\n40\n0\n") != std::string::npos);
  CHECK(output.ends_with("\n100000\n"));
}

TEST_CASE("of endless output the beginning is told as a whole, and then now and then the newest") {
  Container container({});
  const Served served = container.serve("yes", within(milliseconds(1500)));
  std::uint64_t told = 0;
  std::uint64_t beyond = 0;
  for (const auto& [offset, bytes] : served.live) {
    REQUIRE(bytes.size() <= drive::kLivePiece);
    if (told < drive::kLiveHead) {
      REQUIRE(offset == told);
    } else {
      ++beyond;
    }
    REQUIRE(offset >= told);
    told = offset + bytes.size();
  }
  CHECK(told > drive::kLiveHead);
  const auto millis =
      std::chrono::duration_cast<milliseconds>(served.outcome.usage.wall_time).count();
  CHECK(beyond <= static_cast<std::uint64_t>(millis) / drive::kLiveEveryMs + 1);
  CHECK(served.outcome.output_elided);
  const std::string line = "Autodriver: Job timed out after 2 seconds\n";
  CHECK(container.takeOutput().size() <= line.size() + RunLimits().output_bytes + 100);
}

TEST_CASE("a service that does not read holds up no job, and is told the beginning in the end") {
  Container container({});
  container.waitReady();
  REQUIRE(
      !container.giveFiles({{"Makefile", "all:\n\t@yes | head -c 3000000; touch /tmp/done\n"}}));
  container.askRun({});
  container.waitForFile("/tmp/done");
  const Served served = container.takeRun();
  CHECK(served.outcome.exit_status == 0);
  std::uint64_t told = 0;
  for (const auto& [offset, bytes] : served.live) {
    CHECK((offset == told || told >= drive::kLiveHead));
    told = offset + bytes.size();
  }
  CHECK(told >= drive::kLiveHead);
}

TEST_CASE("without a limit all output is kept, and a limit of one byte is one") {
  RunLimits limits;
  limits.output_bytes = 0;
  {
    Container container({});
    CHECK(container.serve("yes | head -c 20000000", limits).outcome.exit_status == 0);
    CHECK(container.takeOutput().size() == 37 + 20'000'000);
  }
  limits.output_bytes = 1;
  Container container({});
  CHECK(container.serve("echo abc", limits).outcome.output_elided);
  CHECK(container.takeOutput() ==
        "Autodriver: Job exited with status 0\n\n...[excess bytes elided]...\n");
}

TEST_CASE("it outlives a fork bomb and a job that kills all it can") {
  ContainerPlan plan;
  plan.processes = 60;
  {
    Container container(plan);
    const Served served =
        container.serve("b() { b | b & }; b; sleep 1; b; wait", within(milliseconds(3000)));
    CHECK(!served.failure);
    CHECK(container.takeOutput().starts_with("Autodriver: Job "));
    CHECK(container.processes() == 1);
  }
  Container container(plan);
  CHECK(container.serve("kill -9 -1").outcome.signal == 9);
  CHECK(container.takeOutput() == "Autodriver: Job ended by signal 9\n");
}

TEST_CASE("nothing of a job lives on that leaves daemons behind") {
  Container container({});
  CHECK(container
            .serve("setsid sleep 1000 & setsid sh -c '(trap \"\" 1 2 15; sleep 1000 &)';"
                   "(while :; do setsid sleep 1; done) & echo over")
            .outcome.exit_status == 0);
  CHECK(container.processes() == 1);
  CHECK(container.takeOutput() == "Autodriver: Job exited with status 0\nover\n");
}

TEST_CASE("a full disk is named, in bytes and in files") {
  for (const char* recipe :
       {"head -c 20000000 /dev/zero >big", "head -c 20000000 /dev/zero >/tmp/x",
        "for i in $$(seq 300); do echo >/dev/shm/$$i || exit 1; done"}) {
    Container container({});
    const Served served = container.serve(recipe);
    CHECK(served.outcome.exit_status == 2);
    CHECK(served.outcome.ended_by == Limit::kDisk);
    CHECK(*served.outcome.usage.disk_bytes >= 1000);
  }
}

TEST_CASE("too many processes are named") {
  ContainerPlan plan;
  plan.processes = 7;
  Container container(plan);
  if (!container.hasGroup()) {
    return;
  }
  const Served served = container.serve("for i in 1 2 3 4 5 6 7 8; do sleep 3 & done; wait",
                                        within(milliseconds(20'000)));
  CHECK(served.outcome.ended_by == Limit::kProcesses);
  CHECK(served.outcome.usage.processes_peak == 5);  // two are autodriver's
}

TEST_CASE("a job that fills the memory with files is told of as any other") {
  ContainerPlan plan;
  plan.memory_bytes = 32 << 20;
  plan.disk_bytes = 200 << 20;
  Container container(plan);
  if (!container.hasGroup()) {
    return;
  }
  const Served served = container.serve(
      "echo begun; (head -c 100000000 /dev/zero >/tmp/a) & head -c 100000000 /dev/zero >/tmp/b;"
      "yes | head -c 100000; exit 1");
  REQUIRE(!served.failure);
  CHECK(served.outcome.ended_by == Limit::kMemory);
  CHECK(served.outcome.oom_kills > 0);
  CHECK(*served.outcome.usage.memory_peak_bytes <= plan.memory_bytes);
  CHECK(container.takeOutput().find("\nbegun\n") != std::string::npos);
}

TEST_CASE("the job's folder may be all of the home that can be written to") {
  ContainerPlan plan;
  plan.whole_home = false;
  for (const bool owned : {true, false}) {
    plan.owned_home = owned;
    Container container(plan);
    CHECK(container.serve("pwd; echo x >x && ls; echo x 2>/dev/null >../x").outcome.exit_status ==
          2);
    CHECK(container.takeOutput().find("\n/home/autograde/autolab\nMakefile\nx\nmake") !=
          std::string::npos);
  }
}

TEST_CASE("a home that is mounted as root's is given to the job's user") {
  ContainerPlan plan;
  plan.owned_home = false;
  Container container(plan);
  CHECK(container.serve("echo x >../x; stat -c '%a %u' ..").outcome.exit_status == 0);
  CHECK(container.takeOutput().ends_with("\n755 1901\n"));
}

TEST_CASE("a job without a Makefile ends with what make says of it") {
  Container container({});
  container.waitReady();
  REQUIRE(!container.giveFiles({}));
  container.askRun({});
  CHECK(container.takeRun().outcome.exit_status == 2);
  CHECK(container.takeOutput().find("No targets specified and no makefile found") !=
        std::string::npos);
}

}  // namespace
}  // namespace tango::test
