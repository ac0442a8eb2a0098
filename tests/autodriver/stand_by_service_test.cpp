// What an autodriver that stands by makes of a service that asks for what it may not, is late, or
// gone.
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "autodriver/stand_by_container.hpp"
#include "drive/tree_stream.hpp"
#include "model/limits.hpp"

namespace tango::test {
namespace {

using base::Error;
using base::ErrorKind;
using drive::Ask;
using drive::Tell;
using model::RunLimits;

const Files kSleeper = {{"Makefile", "all:\n\t@touch /tmp/begun; sleep 1000\n"}};

void checkEnds(Container& container, const std::string& word) {
  CHECK(container.exitStatus() == 0);
  CHECK(container.lastWord() == "Autodriver: " + word + "\n");
}

TEST_CASE("a request out of order is refused") {
  for (const Ask ask : {Ask::kRun, Ask::kOutput, static_cast<Ask>('x'), static_cast<Ask>(0)}) {
    Container container({});
    container.waitReady();
    container.ask(ask);
    CHECK(container.failure().kind() == ErrorKind::kInvalid);
    container.send(std::string(300'000, 'x'));  // whatever still comes
    container.hangUp();
    checkEnds(container, "the service is gone");
  }
}

TEST_CASE("files come once, and a job runs once, however often it is asked for") {
  {
    Container container({});
    container.waitReady();
    CHECK(!container.giveFiles({{"a", "b"}}));
    CHECK(container.giveFiles({{"c", std::string(1'000'000, 'd')}})->kind() == ErrorKind::kInvalid);
  }
  Container container({});
  CHECK(container.serve("echo x; exit 3").outcome.exit_status == 2);
  container.askRun({});
  const Served again = container.takeRun();
  CHECK(again.outcome.exit_status == 2);
  CHECK(again.live.empty());
  CHECK(container.takeOutput().find("status 2\nx\nmake: ") != std::string::npos);
}

TEST_CASE("files that do not fit are refused while they still come") {
  ContainerPlan plan;
  plan.disk_bytes = 1 << 20;
  {
    Container container(plan);
    container.waitReady();
    const auto failure = container.giveFiles({{"big", std::string(5 << 20, 'x')}});
    REQUIRE(failure);
    CHECK(failure->kind() == ErrorKind::kTooLarge);
    CHECK(failure->message() == "the files are too large together");
  }
  Files many;
  for (int i = 0; i < 300; ++i) {
    many["file" + std::to_string(i)] = "x";
  }
  Container container(plan);
  container.waitReady();
  CHECK(container.giveFiles(many)->kind() == ErrorKind::kTooLarge);
}

TEST_CASE("files that do not fit in memory are too large") {
  ContainerPlan plan;
  plan.memory_bytes = 32 << 20;
  plan.disk_bytes = 200 << 20;
  Container container(plan);
  container.waitReady();
  if (container.hasGroup()) {
    CHECK(container.giveFiles({{"big", std::string(60 << 20, 'x')}})->kind() ==
          ErrorKind::kTooLarge);
  }
}

TEST_CASE("a stream of files that is none is refused") {
  drive::RecordHead head;
  head.kind = drive::RecordKind::kFailed;
  std::string failed;
  drive::appendRecord(failed, head, "", "no more files");
  head.kind = drive::RecordKind::kFile;
  std::string twice;
  for (int i = 0; i < 2; ++i) {
    drive::appendRecord(twice, head, "same", "");
    drive::appendChunk(twice, "");
  }
  const struct {
    std::string stream;
    ErrorKind kind;
    std::string message;
  } cases[] = {{failed, ErrorKind::kInvalid, "no more files"},
               {twice, ErrorKind::kExists, "make file same: File exists"},
               {std::string(100, '\xff'), ErrorKind::kSystem,
                "the process that reads the files sent nonsense"}};
  for (const auto& bad : cases) {
    Container container({});
    container.waitReady();
    const auto failure = container.giveStream(bad.stream);
    REQUIRE(failure);
    CHECK(failure->kind() == bad.kind);
    CHECK(failure->message() == bad.message);
  }
}

TEST_CASE("a beat right behind the files is a beat, and one while the job runs is too") {
  Container container({});
  container.waitReady();
  container.ask(Ask::kBeat);
  container.ask(Ask::kFiles);
  container.send(streamOf({{"Makefile", "all:\n\t@touch /tmp/begun; sleep 0.3\n"}}));
  container.ask(Ask::kBeat);
  CHECK(container.reply().tell == Tell::kDone);
  container.askRun({});
  container.waitForFile("/tmp/begun");
  container.ask(Ask::kBeat);
  CHECK(container.takeRun().outcome.exit_status == 0);
}

TEST_CASE("it ends when the service is gone, in the midst of a request or of the files") {
  for (const std::string& begun : {std::string(), std::string(20, 'f')}) {
    Container container({});
    container.waitReady();
    container.send(begun);
    container.hangUp();
    checkEnds(container, "the service is gone");
  }
  Container container({});
  container.waitReady();
  container.ask(Ask::kFiles);
  container.send(streamOf(kSleeper).substr(0, 50));
  container.hangUp();
  CHECK(container.failure().message() == "the process that reads the files ended too early");
  checkEnds(container, "the service is gone");
}

TEST_CASE("it ends with its job when the service is gone, asks for more, or it is told to stop") {
  const struct {
    void (*act)(Container&);
    std::string word;
  } ends[] = {{[](Container& container) { container.hangUp(); }, "the service is gone"},
              {[](Container& container) { container.ask(Ask::kOutput); },
               "the service asked for more while a job runs"},
              {[](Container& container) { container.signal(SIGTERM); }, "stopped by signal 15"}};
  for (const auto& end : ends) {
    Container container({});
    container.waitReady();
    REQUIRE(!container.giveFiles(kSleeper));
    container.askRun({});
    container.waitForFile("/tmp/begun");
    end.act(container);
    checkEnds(container, end.word);
  }
}

TEST_CASE("it ends when it is told to stop, whatever it waits for") {
  {
    Container container({});
    container.waitReady();
    container.signal(SIGTERM);
    checkEnds(container, "stopped by signal 15");
  }
  Container container({});
  container.waitReady();
  container.ask(Ask::kFiles);
  container.signal(SIGINT);
  checkEnds(container, "stopped by signal 2");
}

TEST_CASE("without a word for as long as its lease it ends, a running job or not") {
  ContainerPlan plan;
  plan.lease_s = 1;
  const std::string word = "no word from the service for 1 seconds";
  {
    Container container(plan);
    container.waitReady();
    checkEnds(container, word);
  }
  Container container(plan);
  container.waitReady();
  REQUIRE(!container.giveFiles(kSleeper));
  container.askRun({});
  checkEnds(container, word);
}

TEST_CASE("a service that takes no reply for as long as the lease has it end") {
  ContainerPlan plan;
  plan.lease_s = 1;
  Container container(plan);
  RunLimits limits;
  limits.output_bytes = 0;
  CHECK(container.serve("yes | head -c 1000000", limits).outcome.exit_status == 0);
  container.ask(Ask::kOutput);
  checkEnds(container, "no word from the service for 1 seconds");
}

TEST_CASE("beats keep it alive for longer than its lease") {
  ContainerPlan plan;
  plan.lease_s = 2;
  Container container(plan);
  container.waitReady();
  REQUIRE(!container.giveFiles(
      {{"Makefile",
        "all:\n\t@for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.3; echo $$i; done\n"}}));
  container.askRun({});
  for (;;) {
    const Reply reply = container.reply();
    if (reply.tell != Tell::kLive) {
      CHECK(reply.tell == Tell::kOutcome);
      break;
    }
    container.ask(Ask::kBeat);
  }
}

TEST_CASE("it says why it cannot stand by") {
  ContainerPlan plan;
  plan.any_home = false;
  {
    Container container(plan);
    const Error failure = container.failure();
    CHECK(failure.kind() == ErrorKind::kUnsupported);
    CHECK(failure.message().starts_with("/home/autograde cannot be written to"));
    CHECK(container.exitStatus() == 3);
    CHECK(container.lastWord() == "Autodriver: " + failure.message() + "\n");
  }
  plan.any_home = true;
  plan.user = "somebody";
  Container container(plan);
  CHECK(container.failure().kind() == ErrorKind::kNotFound);
  CHECK(container.exitStatus() == 3);
}

}  // namespace
}  // namespace tango::test
