#include <string>
#include <tuple>

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "support/temp_folder.hpp"
#include "unit/http/asking.hpp"
#include "unit/http/scripted_server.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using boost::asio::awaitable;
using tango::async::ByteStream;
using tango::base::ErrorKind;
using tango::base::Result;
using tango::http::BodyPart;
using tango::http::ClientConfig;
using tango::http::ClientRequest;
using tango::http::ClientResponse;
using tango::http::Upgraded;

namespace {

constexpr const char* kSwitched =
    "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

ScriptedServer::Script switchingTo(
    const std::string& first, std::function<void(Peer&)> then = [](Peer&) {}) {
  return [first, then = std::move(then)](Peer& peer) {
    peer.read();
    peer.write(kSwitched + first);
    then(peer);
  };
}

Result<std::size_t> readInto(Asking& asking, ByteStream& stream, std::string& room) {
  return runOn(asking.context(), stream.readSome(room.data(), room.size()));
}

// All until the other end ends; "!" and the error if it is broken.
std::string readAll(Asking& asking, ByteStream& stream) {
  std::string all;
  std::string room(4096, '\0');
  for (;;) {
    const Result<std::size_t> got = readInto(asking, stream, room);
    if (!got) {
      return "!" + got.error().message();
    }
    if (*got == 0) {
      return all;
    }
    all.append(room, 0, *got);
  }
}

Result<void> write(Asking& asking, ByteStream& stream, const std::string& bytes) {
  return runOn(asking.context(), stream.write(bytes));
}

tango::base::Error refusal(const ScriptedServer::Script& script,
                           std::chrono::milliseconds timeout = kPatient) {
  const ScriptedServer server(script);
  Asking asking;
  ClientRequest request = Asking::to(server.url("/", "127.0.0.1"), "POST");
  request.timeout = timeout;
  const Result<Upgraded> upgraded = asking.upgrade(std::move(request));
  REQUIRE(!upgraded.ok());
  return upgraded.error();
}

tango::base::Error refusalBy(const std::string& status, const std::string& body) {
  return refusal([&](Peer& peer) {
    peer.read();
    peer.answer(status, body);
  });
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server that agrees to switch has the connection become a stream both ways") {
  Asked asked;
  const ScriptedServer server([&asked](Peer& peer) {
    asked = peer.read();
    peer.write(kSwitched);
    peer.write("ready\n");
    const std::string line = peer.readHead();
    peer.write("got " + line);
  });
  Asking asking;
  ClientRequest request = Asking::to(server.url("/containers/a/attach?stream=1"), "POST");
  request.headers = {{"Content-Type", "application/json"}};
  request.body.push_back(BodyPart{"{}", {}, 0, 0});
  const Result<Upgraded> upgraded = asking.upgrade(std::move(request));
  REQUIRE(upgraded.ok());
  CHECK(asked.head.starts_with("POST /containers/a/attach?stream=1 HTTP/1.1\r\n"));
  CHECK(asked.header("Connection") == "Upgrade");
  CHECK(asked.header("Upgrade") == "tcp");
  CHECK(asked.body == "{}");
  CHECK(upgraded->response.status == 101);
  CHECK(upgraded->response.header("upgrade") == "tcp");
  CHECK(write(asking, *upgraded->stream, "a\r\n\r\n").ok());
  CHECK(readAll(asking, *upgraded->stream) == "ready\ngot a\r\n\r\n");
}

TEST_CASE("what comes with the head of the answer is read first, however small the room") {
  const std::string first(5000, 'f');
  const ScriptedServer server(switchingTo(first, [](Peer& peer) { peer.write("then"); }));
  Asking asking;
  const Result<Upgraded> upgraded = asking.upgrade(Asking::to(server.url(), "POST"));
  REQUIRE(upgraded.ok());
  std::string room(3, '\0');
  const Result<std::size_t> got = readInto(asking, *upgraded->stream, room);
  REQUIRE(got.ok());
  CHECK(*got == 3);
  CHECK(room == "fff");
  CHECK(readAll(asking, *upgraded->stream) == first.substr(3) + "then");
}

TEST_CASE("a head that comes byte by byte is read all the same") {
  const ScriptedServer server([](Peer& peer) {
    peer.read();
    for (const char each : std::string("HTTP/1.1 100 Continue\r\n\r\n") + kSwitched + "stream") {
      peer.write(std::string(1, each));
    }
  });
  Asking asking;
  const Result<Upgraded> upgraded = asking.upgrade(Asking::to(server.url()));
  REQUIRE(upgraded.ok());
  CHECK(readAll(asking, *upgraded->stream) == "stream");
}

TEST_CASE("a peer that ends is the end of the stream and one that breaks off is an error") {
  const ScriptedServer ending(switchingTo("last"));
  Asking asking;
  const Result<Upgraded> upgraded = asking.upgrade(Asking::to(ending.url()));
  REQUIRE(upgraded.ok());
  CHECK(readAll(asking, *upgraded->stream) == "last");
  CHECK(readAll(asking, *upgraded->stream).empty());
  const std::string much(8'000'000, 'm');
  Result<void> written = write(asking, *upgraded->stream, much);
  REQUIRE(!written.ok());
  CHECK(written.error().kind() == ErrorKind::kSystem);

  const ScriptedServer breaking(switchingTo("", [](Peer& peer) { peer.reset(); }));
  const Result<Upgraded> broken = asking.upgrade(Asking::to(breaking.url()));
  REQUIRE(broken.ok());
  CHECK(readAll(asking, *broken->stream).starts_with("!"));
}

TEST_CASE("closing a stream ends what is under way and all that comes later") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  for (const Identity* with : {static_cast<const Identity*>(nullptr), &identity}) {
    // It takes nothing, so that a write is under way for as long.
    const ScriptedServer deaf(switchingTo("",
                                          [](Peer& peer) {
                                            while (!peer.endsWithin(1000)) {
                                            }
                                          }),
                              with);
    ClientConfig config = takingAllFor({"127.0.0.1"});
    config.ca_file = ca.file();
    Asking asking(config);
    const Result<Upgraded> upgraded = asking.upgrade(Asking::to(deaf.url("/", "front.test")));
    REQUIRE(upgraded.ok());
    ByteStream& stream = *upgraded->stream;
    std::string room(10, '\0');
    const std::string much(50'000'000, 'm');
    int cancelled = 0;
    const auto read = [&]() -> awaitable<void> {
      const Result<std::size_t> got = co_await stream.readSome(room.data(), room.size());
      cancelled += !got && got.error().kind() == ErrorKind::kCancelled ? 1 : 0;
    };
    const auto send = [&]() -> awaitable<void> {
      const Result<void> sent = co_await stream.write(much);
      cancelled += !sent && sent.error().kind() == ErrorKind::kCancelled ? 1 : 0;
    };
    boost::asio::co_spawn(asking.context(), read(), [](auto&&...) {});
    boost::asio::co_spawn(asking.context(), send(), [](auto&&...) {});
    asking.context().restart();
    asking.context().poll();
    CHECK(cancelled == 0);
    stream.close();
    asking.context().restart();
    asking.context().run();
    CHECK(cancelled == 2);
    CHECK(readInto(asking, stream, room).error().kind() == ErrorKind::kCancelled);
    CHECK(write(asking, stream, "more").error().kind() == ErrorKind::kCancelled);
    stream.close();
  }
}

TEST_CASE("a call under way can be cancelled") {
  const ScriptedServer server(switchingTo("", [](Peer& peer) { peer.awaitEnd(); }));
  Asking asking;
  const Result<Upgraded> upgraded = asking.upgrade(Asking::to(server.url()));
  REQUIRE(upgraded.ok());
  std::string room(10, '\0');
  bool ended = false;
  const auto read = [&]() -> awaitable<void> {
    const Result<std::size_t> got = co_await upgraded->stream->readSome(room.data(), room.size());
    CHECK(!got.ok());
  };
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(
      asking.context(), read(),
      boost::asio::bind_cancellation_slot(signal.slot(), [&ended](auto&&...) { ended = true; }));
  asking.context().restart();
  asking.context().poll();
  CHECK(!ended);
  signal.emit(boost::asio::cancellation_type::terminal);
  asking.context().restart();
  asking.context().run();
  CHECK(ended);
}

TEST_CASE("a refused switch is told with its status and the server's words, and is of their kind") {
  CHECK(refusalBy("404 Not Found", "").kind() == ErrorKind::kNotFound);
  CHECK(refusalBy("409 Conflict", "").kind() == ErrorKind::kExists);
  CHECK(refusalBy("400 Bad Request", "").kind() == ErrorKind::kInvalid);
  for (const char* status : {"200 OK", "204 No Content", "301 Moved", "403 Forbidden", "500 Oh"}) {
    CHECK(refusalBy(status, "").kind() == ErrorKind::kSystem);
  }
  const auto error = refusalBy("404 Not Found", "{\"message\":\"no container\"}\r\n\x1b[31m\xff\n");
  CHECK_MESSAGE(has(error.message(), "127.0.0.1 answered 404"), error.message());
  CHECK(error.message().ends_with(": {\"message\":\"no container\"}   [31m\xef\xbf\xbd"));
}

TEST_CASE("a refusal is told as one though its body does not end or does not come") {
  const auto endless = refusal([](Peer& peer) {
    peer.read();
    peer.write("HTTP/1.1 409 Conflict\r\n\r\n");
    while (peer.write(std::string(1000, 'x'))) {
    }
  });
  CHECK(endless.kind() == ErrorKind::kExists);
  CHECK(has(endless.message(), std::string(4096, 'x')));
  CHECK(endless.message().size() < 4096 + 100);
  const auto missing = refusal(
      [](Peer& peer) {
        peer.read();
        peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nhalf");
        peer.awaitEnd();
      },
      300ms);
  CHECK(missing.kind() == ErrorKind::kNotFound);
  CHECK(missing.message().ends_with(": half"));
  const auto claimed = refusal([](Peer& peer) {
    peer.read();
    peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 99999999999999\r\n\r\n");
  });
  CHECK(claimed.kind() == ErrorKind::kNotFound);
}

TEST_CASE("an answer that breaks off, is none or does not come is an error") {
  const auto saying = [](const std::string& answer) {
    return refusal([&](Peer& peer) {
      peer.read();
      peer.write(answer);
    });
  };
  CHECK(saying("").kind() == ErrorKind::kSystem);
  CHECK(saying("HTTP/1.1 101 Switching").kind() == ErrorKind::kSystem);
  CHECK(saying("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n").kind() == ErrorKind::kSystem);
  CHECK(saying("220 mail.test ready\r\n\r\n").kind() == ErrorKind::kSystem);
  CHECK(saying("HTTP/1.1 101 UPGRADED\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n").kind() ==
        ErrorKind::kTooLarge);
  const auto silent = refusal([](Peer& peer) { peer.awaitEnd(); }, 50ms);
  CHECK(silent.kind() == ErrorKind::kTimeout);
}

TEST_CASE("a switch before all is sent is an error") {
  const ScriptedServer server([](Peer& peer) {
    peer.readHead();
    peer.write(kSwitched);
    peer.awaitEnd();
  });
  Asking asking;
  ClientRequest request = Asking::to(server.url(), "POST");
  request.body = largeBody();
  request.body.push_back(BodyPart{std::string(50'000'000, 'b'), {}, 0, 0});
  const Result<Upgraded> upgraded = asking.upgrade(std::move(request));
  // The server reads on, so it may have come to the end of the body before.
  CHECK((upgraded.ok() || upgraded.error().kind() == ErrorKind::kSystem));
}

TEST_CASE("what would break out of the head is refused before anything is sent") {
  ScriptedServer server(switchingTo(""));
  Asking asking;
  for (const char* protocol : {"tcp\r\nX: y", "t cp", "tcp\n"}) {
    const Result<Upgraded> upgraded = asking.upgrade(Asking::to(server.url()), protocol);
    REQUIRE(!upgraded.ok());
    CHECK(upgraded.error().kind() == ErrorKind::kInvalid);
  }
  for (const char* name : {"Upgrade", "connection"}) {
    ClientRequest request = Asking::to(server.url());
    request.headers = {{name, "websocket"}};
    CHECK(asking.upgrade(std::move(request)).error().kind() == ErrorKind::kInvalid);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("who is told of the head can end the switch") {
  const ScriptedServer server(switchingTo(""));
  Asking asking;
  ClientRequest request = Asking::to(server.url());
  int status = 0;
  request.on_head = [&status](const ClientResponse& head) -> Result<void> {
    status = head.status;
    return tango::base::Error(ErrorKind::kUnsupported, "not that one");
  };
  const Result<Upgraded> upgraded = asking.upgrade(std::move(request));
  REQUIRE(!upgraded.ok());
  CHECK(status == 101);
  CHECK(upgraded.error().message() == "not that one");
}

TEST_CASE("a switched connection is the stream's own and outlives the client") {
  ScriptedServer server([](Peer& peer) {
    for (Asked asked = peer.read(); !asked.head.empty(); asked = peer.read()) {
      if (asked.header("Upgrade").empty()) {
        peer.answer("200 OK", "plain");
      } else {
        peer.write(std::string(kSwitched) + "stream");
        return;
      }
    }
  });
  auto asking = std::make_unique<Asking>();
  REQUIRE(asking->get(server.url()).ok());
  const Result<Upgraded> upgraded = asking->upgrade(Asking::to(server.url()));
  REQUIRE(upgraded.ok());
  CHECK(server.connections() == 2);
  REQUIRE(asking->get(server.url()).ok());
  CHECK(server.connections() == 2);
  CHECK(readAll(*asking, *upgraded->stream) == "stream");
}
