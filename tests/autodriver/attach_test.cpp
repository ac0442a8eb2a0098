// What `autodriver --attach` makes of connections that come, break and come again.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "autodriver/attached.hpp"
#include "model/limits.hpp"

namespace tango::test {
namespace {

using base::Error;
using base::ErrorKind;
using drive::Ask;
using drive::Tell;

// Goes on once /tmp/go is there.
const Files kWaits = recipeFiles(
    "echo begun; touch /tmp/begun; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo done");

void letGo() {
  const std::string path = "/proc/" + std::to_string(Machine::standBy()) + "/root/tmp/go";
  REQUIRE(::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0644)) == 0);
}

void beginWaiting(Attached& attached) {
  attached.waitReady();
  REQUIRE(!attached.giveFiles(kWaits));
  attached.askRun({});
  Machine::waitForFile("/tmp/begun");
}

std::string liveOf(const Served& served) {
  std::string live;
  for (const auto& [offset, bytes] : served.live) {
    CHECK(offset == live.size());
    live += bytes;
  }
  return live;
}

TEST_CASE("a job outlives its connection, and is told of from its beginning over the next") {
  const Machine machine;
  {
    Attached first;
    beginWaiting(first);
  }
  const pid_t stands_by = Machine::standBy();
  REQUIRE(stands_by > 0);
  {
    Attached second;
    second.waitReady();
    second.ask(Ask::kBeat);
    second.askRun({});
    const Reply live = second.reply();
    CHECK(live.tell == Tell::kLive);
    CHECK(drive::decodeLive(live.payload)->bytes == "begun\n");
  }
  Attached third;
  third.waitReady();
  third.askRun({});
  letGo();
  const Served served = third.takeRun();
  REQUIRE(!served.failure);
  CHECK(served.outcome.exit_status == 0);
  CHECK(liveOf(served) == "begun\ndone\n");
  CHECK(Machine::standBy() == stands_by);
  CHECK(third.takeOutput() == "Autodriver: Job exited with status 0\nbegun\ndone\n");
}

TEST_CASE("the outcome and the output wait for the service") {
  const Machine machine;
  {
    Attached first;
    beginWaiting(first);
  }
  letGo();
  {
    Attached second;
    second.waitReady();
    second.askRun({});
    CHECK(second.takeRun().outcome.exit_status == 0);
    second.ask(Ask::kOutput);
  }
  Attached third;
  third.waitReady();
  third.askRun({});
  CHECK(third.takeRun().live.empty());
  CHECK(third.takeOutput() == "Autodriver: Job exited with status 0\nbegun\ndone\n");
}

TEST_CASE("a new connection takes the place of one that is there") {
  const Machine machine;
  Attached first;
  first.waitReady();
  Attached second;
  second.waitReady();
  CHECK(first.ended());
  CHECK(first.exitStatus() == 0);
  REQUIRE(!second.giveFiles(kWaits));
  second.askRun({});
  Machine::waitForFile("/tmp/begun");
  Attached third;
  third.waitReady();
  CHECK(second.exitStatus() == 0);
  letGo();
  third.askRun({});
  CHECK(third.takeRun().outcome.exit_status == 0);
}

TEST_CASE("a service that is told of a run only when it asks gets no word of it before") {
  const Machine machine;
  {
    Attached first;
    beginWaiting(first);
  }
  Attached second;
  second.waitReady();
  letGo();
  Machine::waitForFile("/tmp/go");
  second.askRun({});
  CHECK(liveOf(second.takeRun()).size() <= std::string("begun\ndone\n").size());
}

TEST_CASE("output that nobody takes gives way to a new connection") {
  const Machine machine;
  model::RunLimits limits;
  limits.output_bytes = 0;
  Attached first;
  CHECK(first.serve("yes | head -c 3000000", limits).outcome.exit_status == 0);
  first.ask(Ask::kOutput);
  CHECK(first.reply().tell == Tell::kText);
  Attached second;
  second.waitReady();
  CHECK(second.takeOutput().size() == 37 + 3'000'000);
}

TEST_CASE("files that are cut off are its end, whether the connection breaks or a new one comes") {
  for (const bool breaks : {true, false}) {
    const Machine machine;
    Attached first;
    first.waitReady();
    first.ask(Ask::kFiles);
    first.send(streamOf(kWaits).substr(0, 60));
    Machine::waitForFile("/home/autograde/autolab/Makefile");
    if (breaks) {
      first.hangUp();
      CHECK(first.exitStatus() == 0);
    }
    for (int i = 0; i < 2; ++i) {
      Attached next;
      const Error failure = next.failure();
      CHECK(failure.kind() == ErrorKind::kSystem);
      CHECK(failure.message() == (breaks ? "the process that reads the files ended too early"
                                         : "the files were cut off"));
    }
  }
}

TEST_CASE("garbage is refused, with a job and without, and remains so") {
  for (const bool runs : {true, false}) {
    const Machine machine;
    {
      Attached first;
      if (runs) {
        beginWaiting(first);
        CHECK(first.reply().tell == Tell::kLive);
      } else {
        first.waitReady();
      }
      first.send(std::string(100'000, '\xee'));
      CHECK(first.failure().kind() == ErrorKind::kInvalid);
    }
    Attached second;
    CHECK(second.failure().kind() == ErrorKind::kInvalid);
    second.askRun({});
    second.hangUp();
    CHECK(second.ended());
  }
}

TEST_CASE("half a request is forgotten with its connection") {
  const Machine machine;
  {
    Attached first;
    first.waitReady();
    first.send(std::string(20, 'f'));
  }
  Attached second;
  CHECK(second.serve("true").outcome.exit_status == 0);
}

TEST_CASE("without a word for as long as the lease all of it goes, and says why to the next") {
  const Machine machine;
  const AttachPlan plan{{"--lease=1"}, 0, kSocket};
  {
    Attached first(plan);
    first.waitReady();
    REQUIRE(!first.giveFiles(recipeFiles("sleep 1000")));
    first.askRun({});
    CHECK(first.ended());
    REQUIRE(Machine::isGone());
  }
  Attached second(plan);
  second.waitReady();
  CHECK(second.lastWord() == "Autodriver: no word from the service for 1 seconds\n");
  second.askRun({});
  CHECK(second.failure().message() == "there are no files yet");
}

TEST_CASE("of two that attach at once only one starts what stands by") {
  const Machine machine;
  Attached first;
  Attached second;
  Attached third;
  for (Attached* attached : {&first, &second, &third}) {
    attached->hangUp();
    CHECK(attached->exitStatus() == 0);
    CHECK(attached->lastWord().empty());
  }
  Attached fourth;
  CHECK(fourth.serve("true").outcome.exit_status == 0);
}

TEST_CASE("one that was killed leaves nothing in the way") {
  const Machine machine;
  for (const bool keeper : {false, true}) {
    Attached attached;
    attached.waitReady();
    const pid_t stands_by = Machine::standBy();
    Machine::kill(keeper ? Machine::keeper() : stands_by);
    CHECK(attached.ended());
    Attached next;
    CHECK(next.serve("true").outcome.exit_status == 0);
    CHECK(Machine::standBy() != stands_by);
    if (!keeper) {
      CHECK(next.lastWord() == "Autodriver: the autodriver that stood by was killed by signal 9\n");
    }
    ::kill(Machine::keeper(), SIGTERM);
    CHECK(next.ended());
    REQUIRE(Machine::isGone());
  }
}

TEST_CASE("a keeper that dies behind a job takes the container with it") {
  const Machine machine;
  Attached attached;
  CHECK(attached.serve("true").outcome.exit_status == 0);
  Machine::kill(Machine::keeper());
  CHECK(attached.ended());
  Attached next;  // and what could not be removed then goes with the next
  next.waitReady();
}

TEST_CASE("what cannot be is told to the service, and started is nothing") {
  const Machine machine;
  const struct {
    AttachPlan plan;
    ErrorKind kind;
    std::string message;
  } cases[] = {
      {{{"--lease=9"}, 1000, "/tmp/x"}, ErrorKind::kInvalid, "a short path in /run/tango/"},
      {{{"--lease=9"}, 0, "/run/tango/../x"}, ErrorKind::kInvalid, "option --attach"},
      {{{"--lease=9"}, 0, "/run/tango/" + std::string(99, 'x')}, ErrorKind::kInvalid, "short path"},
      {{{"--lease=9", "--user=1000"}, 1000, kSocket}, ErrorKind::kExists, "another user's"}};
  for (const auto& bad : cases) {
    Attached attached(bad.plan);
    const Error failure = attached.failure();
    CHECK(failure.kind() == bad.kind);
    CHECK(failure.message().find(bad.message) != std::string::npos);
    CHECK(attached.exitStatus() == 3);
    CHECK(attached.lastWord() == "Autodriver: " + failure.message() + "\n");
  }
  CHECK(Machine::standBy() == -1);
}

TEST_CASE("an ordinary call is refused meanwhile, since it would kill the job") {
  const Machine machine;
  Attached attached;
  beginWaiting(attached);
  const char* const call =
      "mkdir -p /home/autolab/lab && cd /home/autolab &&"
      "setpriv --reuid=1000 --clear-groups /usr/local/bin/autodriver lab >/root/said;"
      "grep -q 'another autodriver is running here' /root/said";
  CHECK(::system(call) == 0);
  letGo();
  CHECK(attached.takeRun().outcome.exit_status == 0);
}

}  // namespace
}  // namespace tango::test
