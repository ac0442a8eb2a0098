#include "vmms/ssh/ssh.hpp"

#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "unit/ssh/talking.hpp"
#include "vmms/ssh/last_words.hpp"

using namespace tango::test;
using boost::asio::awaitable;
using tango::base::ErrorKind;
using tango::base::Result;

namespace {

std::size_t filesIn(const std::string& folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::vector<LocalSocket> openMany(Talking& talking, std::size_t count, const std::string& command) {
  std::vector<LocalSocket> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    Result<LocalSocket> socket = talking.open(command);
    REQUIRE_MESSAGE(socket.ok(), (socket.ok() ? "" : socket.error().message()));
    sockets.push_back(*std::move(socket));
  }
  return sockets;
}

awaitable<bool> writeAll(LocalSocket& socket, const std::string& content) {
  const auto [failure, sent] = co_await boost::asio::async_write(
      socket, boost::asio::buffer(content), boost::asio::as_tuple(boost::asio::use_awaitable));
  boost::system::error_code ignored;
  socket.shutdown(LocalSocket::shutdown_send, ignored);
  co_return !failure;
}

awaitable<std::string> readAll(LocalSocket& socket) {
  std::string all;
  co_await boost::asio::async_read(socket, boost::asio::dynamic_buffer(all),
                                   boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return all;
}

awaitable<std::string> through(LocalSocket& socket, const std::string& content) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto [sent, got] = co_await (writeAll(socket, content) && readAll(socket));
  co_return sent ? got : "not sent";
}

}  // namespace

TEST_CASE("what is written to a command comes to it and what it writes comes back") {
  const TestSshd sshd;
  Talking talking(sshd);
  Result<LocalSocket> socket = talking.open("cat");
  REQUIRE_MESSAGE(socket.ok(), (socket.ok() ? "" : socket.error().message()));
  CHECK(talking.echo(*socket, "one") == "one");
  CHECK(talking.echo(*socket, std::string("t\0w\no\xff", 6)) == std::string("t\0w\no\xff", 6));
  socket->shutdown(LocalSocket::shutdown_send);
  CHECK(talking.readAll(*socket).empty());
  CHECK(talking.connection().lastWords().empty());
}

TEST_CASE("commands share one connection") {
  const TestSshd sshd;
  Talking talking(sshd);
  std::vector<LocalSocket> sockets = openMany(talking, 5, "cat");
  for (LocalSocket& each : sockets) {
    CHECK(talking.echo(each, "hello") == "hello");
  }
  Result<LocalSocket> later = talking.open("echo later");
  REQUIRE(later.ok());
  CHECK(talking.readAll(*later) == "later\n");
  CHECK(sshd.letIn() == 1);
}

TEST_CASE("commands that are opened at once wait for the same connection") {
  using namespace boost::asio::experimental::awaitable_operators;
  const TestSshd sshd;
  Talking talking(sshd);
  const auto both = [&]() -> awaitable<bool> {
    auto [first, second] =
        co_await (talking.connection().open("cat") && talking.connection().open("cat"));
    co_return first.ok() && second.ok();
  };
  CHECK(runOn(talking.context, both()));
  CHECK(sshd.letIn() == 1);
}

TEST_CASE("much goes both ways at once and comes whole") {
  std::string content(30'000'001, '\0');
  std::iota(content.begin(), content.end(), '\1');
  const TestSshd sshd;
  Talking talking(sshd);
  Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(socket.ok());
  CHECK(runOn(talking.context, through(*socket, content)) == content);
}

TEST_CASE("more commands than sshd bears on a connection have more of them, for as long") {
  const TestSshd sshd;
  Talking talking(sshd);
  {
    std::vector<LocalSocket> sockets = openMany(talking, 20, "cat");
    for (LocalSocket& each : sockets) {
      CHECK(talking.echo(each, "hello") == "hello");
    }
    CHECK(sshd.letIn() == 3);
    CHECK(filesIn(sshd.controlFolder()) == 3);
  }
  CHECK(talking.comesTrue([&] { return processesWith(sshd.controlFolder()).size() == 1; }));
  CHECK(filesIn(sshd.controlFolder()) == 1);
  CHECK(openMany(talking, 1, "cat").size() == 1);
  CHECK(sshd.letIn() == 3);
}

TEST_CASE("an sshd that bears one command a connection is served all the same") {
  const TestSshd sshd("MaxSessions 1\n");
  Talking talking(sshd);
  std::vector<LocalSocket> sockets = openMany(talking, 3, "cat");
  for (LocalSocket& each : sockets) {
    CHECK(talking.echo(each, "hello") == "hello");
  }
}

TEST_CASE("a command that does not exist ends the stream and says why") {
  const TestSshd sshd;
  Talking talking(sshd);
  Result<LocalSocket> socket = talking.open("no-such-command-here system dial-stdio");
  REQUIRE(socket.ok());
  CHECK(talking.readAll(*socket).empty());
  const std::string words = talking.connection().lastWords();
  CHECK_MESSAGE(words.find("no-such-command-here") != std::string::npos, words);
}

TEST_CASE("a command that floods standard error neither stops nor fills anything") {
  const TestSshd sshd;
  Talking talking(sshd);
  Result<LocalSocket> socket =
      talking.open("head -c 5000000 /dev/zero | tr '\\0' e >&2; echo; echo the end >&2; echo done");
  REQUIRE(socket.ok());
  CHECK(talking.readAll(*socket) == "\ndone\n");
  const std::string words = talking.connection().lastWords();
  CHECK(words.size() <= tango::vmms::ssh::LastWords::kBytesMax);
  CHECK(words.ends_with("the end"));
}

TEST_CASE("a command whose socket is closed ends, though it neither reads nor writes") {
  const TestSshd sshd;
  const TempFolder mark;
  Talking talking(sshd);
  {
    const std::string command = "while [ -e " + mark.path().string() + " ]; do sleep 1; done";
    const Result<LocalSocket> socket = talking.open(command);
    REQUIRE(socket.ok());
    REQUIRE(talking.comesTrue([&] { return processesWith(mark.path()).size() == 2; }));
  }
  CHECK(talking.comesTrue([&] { return processesWith(sshd.controlFolder()).size() == 1; }));
}

TEST_CASE("the end of a connection leaves no process and no file") {
  const TestSshd sshd;
  Talking talking(sshd);
  std::vector<LocalSocket> sockets = openMany(talking, 10, "cat");
  CHECK(!processesWith(sshd.controlFolder()).empty());
  talking.destroyConnection();
  CHECK(processesWith(sshd.controlFolder()).empty());
  CHECK(filesIn(sshd.controlFolder()) == 0);
  for (LocalSocket& each : sockets) {
    CHECK(talking.readAll(each).empty());
  }
}

TEST_CASE("what cannot be a command is refused") {
  const TestSshd sshd;
  Talking talking(sshd);
  for (const std::string& command : {std::string(), std::string("a\0b", 3)}) {
    const Result<LocalSocket> socket = talking.open(command);
    REQUIRE(!socket.ok());
    CHECK(socket.error().kind() == ErrorKind::kInvalid);
  }
  const Result<LocalSocket> longer = talking.open(std::string(500'000, 'a'));
  CHECK(!longer.ok());
}
