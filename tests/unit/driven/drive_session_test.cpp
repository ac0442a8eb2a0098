#include "vmms/driven/drive_session.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>

#include "drive/report.hpp"
#include "drive/tree_stream.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"
#include "unit/docker/scripted_stream.hpp"

using namespace tango;
using base::Error;
using base::ErrorKind;
using base::Result;
using drive::encodeReply;
using drive::Tell;
using test::runOn;
using test::ScriptedStream;
using vmms::driven::DrivenFile;
using vmms::driven::DriveSession;

namespace {

std::string bytes(std::uint32_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

struct Session {
  explicit Session(const std::string& replies, bool silent = false) {
    auto stream = std::make_unique<ScriptedStream>(context.get_executor(), replies, 5, silent);
    other_end = stream.get();
    session.emplace(context.get_executor(), std::move(stream));
  }

  boost::asio::io_context context;
  ScriptedStream* other_end = nullptr;
  std::optional<DriveSession> session;
  test::TempFolder folder;

  DrivenFile file(const std::string& name, const std::string& content, bool executable = false) {
    const auto path = folder.path() / name;
    std::ofstream(path) << content;
    return {name, base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), executable};
  }
  Result<void> send(std::vector<DrivenFile> files) {
    return runOn(context, session->sendFiles(std::move(files), soon()));
  }
  static base::Deadline soon() { return base::after(base::Millis(10'000)); }
};

}  // namespace

TEST_CASE("an autodriver is ready when it says so in our protocol") {
  Session good(encodeReply(Tell::kReady, bytes(drive::kProtocol)));
  CHECK(runOn(good.context, good.session->ready(Session::soon())).ok());
  Session other(encodeReply(Tell::kReady, bytes(drive::kProtocol + 1)));
  CHECK(runOn(other.context, other.session->ready(Session::soon())).error().kind() ==
        ErrorKind::kUnsupported);
  Session odd(encodeReply(Tell::kDone));
  CHECK_FALSE(runOn(odd.context, odd.session->ready(Session::soon())).ok());
}

TEST_CASE("one that is silent is not ready in time, and one that ends has ended") {
  Session silent("", true);
  CHECK(
      runOn(silent.context, silent.session->ready(base::after(base::Millis(20)))).error().kind() ==
      ErrorKind::kTimeout);
  Session ended("");
  CHECK(runOn(ended.context, ended.session->ready(Session::soon())).error().kind() ==
        ErrorKind::kSystem);
}

TEST_CASE("files are sent as a tree stream behind their request") {
  Session session(encodeReply(Tell::kDone));
  std::vector<DrivenFile> files;
  files.push_back(session.file("Makefile", "all:\n"));
  files.push_back(session.file("run", std::string(200'000, 'x'), true));
  files.push_back(session.file("empty", ""));
  REQUIRE(session.send(std::move(files)).ok());
  const std::string& got = session.other_end->got();
  REQUIRE(got.size() > sizeof(drive::Request));
  drive::Request request;
  std::memcpy(&request, got.data(), sizeof request);
  CHECK(request.ask == drive::Ask::kFiles);
  const auto path = session.folder.path() / "stream";
  std::ofstream(path, std::ios::binary) << got.substr(sizeof request);
  const base::UniqueFd stream(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  drive::RecordIn in(stream.get());
  std::vector<std::string> seen;
  for (;;) {
    const auto record = in.take();
    REQUIRE(record.ok());
    if (record->head.kind == drive::RecordKind::kDone) {
      break;
    }
    REQUIRE(record->head.kind == drive::RecordKind::kFile);
    std::size_t size = 0;
    for (auto chunk = in.takeChunk(); chunk.ok() && !chunk->empty(); chunk = in.takeChunk()) {
      size += chunk->size();
    }
    seen.push_back(record->name + " " + std::to_string(size) + " " +
                   ((record->head.mode & 0100U) != 0 ? "x" : "-"));
  }
  CHECK(seen == std::vector<std::string>{"Makefile 5 -", "run 200000 x", "empty 0 -"});
}

TEST_CASE("files that are refused are an error of the kind that autodriver tells") {
  Session session(drive::encodeFailure(Error(ErrorKind::kTooLarge, "they do not fit")));
  std::vector<DrivenFile> files;
  files.push_back(session.file("Makefile", "all:\n"));
  const Result<void> sent = session.send(std::move(files));
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().kind() == ErrorKind::kTooLarge);
  CHECK(sent.error().message() == "they do not fit");
}

TEST_CASE("a run tells its output while it goes on, and then its outcome") {
  model::RunOutcome outcome;
  outcome.exit_status = 2;
  outcome.usage.output_bytes = 5;
  Session session(encodeReply(Tell::kLive, std::string(8, '\0') + "hello") +
                  encodeReply(Tell::kOutcome, drive::reportJson(outcome, true)));
  std::string heard;
  const auto ran =
      runOn(session.context, session.session->run(
                                 {},
                                 [&heard](std::uint64_t offset, std::string_view piece) {
                                   heard += std::to_string(offset) + ":" + std::string(piece);
                                 },
                                 Session::soon()));
  REQUIRE(ran.ok());
  CHECK(ran->exit_status == 2);
  CHECK(heard == "0:hello");
}

TEST_CASE("a run whose outcome is nonsense, or that ends without one, is an error") {
  for (const std::string& replies :
       {encodeReply(Tell::kOutcome, "{"), encodeReply(Tell::kLive, "short"),
        encodeReply(Tell::kDone), std::string("\xff\xff\xff\xff....garbage"), std::string()}) {
    Session session(replies);
    const auto ran =
        runOn(session.context,
              session.session->run({}, [](std::uint64_t, std::string_view) {}, Session::soon()));
    CHECK(ran.error().kind() == ErrorKind::kSystem);
  }
}

TEST_CASE("output is written as it comes, and no more of it than its bound") {
  const std::string replies = encodeReply(Tell::kText, "Autodriver: Job exited\n") +
                              encodeReply(Tell::kText, "hello\n") + encodeReply(Tell::kDone);
  Session session(replies);
  const auto path = session.folder.path() / "out";
  const base::UniqueFd out(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  CHECK(runOn(session.context, session.session->output(out.get(), 1000, Session::soon())).ok());
  std::ifstream written(path);
  CHECK(std::string(std::istreambuf_iterator<char>(written), {}) ==
        "Autodriver: Job exited\nhello\n");
  Session greedy(replies);
  CHECK(runOn(greedy.context, greedy.session->output(out.get(), 25, Session::soon()))
            .error()
            .kind() == ErrorKind::kSystem);
}

TEST_CASE("a call under way ends when the session is closed, and beats may come between") {
  Session session("", true);
  Result<model::RunOutcome> ran = Error(ErrorKind::kSystem, "not yet");
  boost::asio::co_spawn(
      session.context,
      [&]() -> boost::asio::awaitable<void> {
        ran = co_await session.session->run(
            {}, [](std::uint64_t, std::string_view) {}, Session::soon());
      },
      [](const std::exception_ptr&) {});
  session.context.poll();
  CHECK(runOn(session.context, session.session->beat()).ok());
  CHECK(session.other_end->got().size() == 2 * sizeof(drive::Request));
  session.session->close();
  session.context.restart();
  session.context.run();
  CHECK(ran.error().kind() == ErrorKind::kCancelled);
}
