// Servers that do not answer, or not as they should, and addresses that are no good.
#include <cerrno>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "unit/http/asking.hpp"
#include "unit/http/scripted_server.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Result;
using tango::base::UniqueFd;
using tango::http::ClientConfig;
using tango::http::ClientRequest;

namespace {

ErrorKind failureOf(const ScriptedServer::Script& script,
                    std::chrono::milliseconds timeout = kPatient) {
  ScriptedServer server(script);
  Asking asking;
  ClientRequest request = Asking::to(server.url());
  request.timeout = timeout;
  request.answer_bytes_max = 100'000;
  const auto response = asking.send(std::move(request));
  REQUIRE(!response.ok());
  CHECK(server.connections() == 1);
  return response.error().kind();
}

// Begins with `start`, then repeats `again` for as long as it is taken.
ScriptedServer::Script endless(const std::string& start, const std::string& again) {
  return [start, again](Peer& peer) {
    peer.read();
    peer.write(start);
    while (peer.write(again)) {
    }
  };
}

ScriptedServer::Script saying(const std::string& answer) {
  return [answer](Peer& peer) {
    peer.read();
    peer.write(answer);
  };
}

// A byte now and then, for as long as it is taken.
ScriptedServer::Script dripping(const std::string& start) {
  return [start](Peer& peer) {
    peer.read();
    peer.write(start);
    while (!peer.endsWithin(5) && peer.write("x")) {
    }
  };
}

// An address whose connections are neither taken nor refused: its queue is full.
class DeafAddress {
 public:
  explicit DeafAddress(const char* address) {
    at_.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &at_.sin_addr);
    listener_.reset(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(listener_);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at_), sizeof at_) == 0);
    REQUIRE(::listen(listener_.get(), 0) == 0);
    socklen_t size = sizeof at_;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at_), &size);
    while (connects()) {
    }
  }
  [[nodiscard]] std::uint16_t port() const { return ntohs(at_.sin_port); }

 private:
  bool connects() {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const int begun = ::connect(socket.get(), reinterpret_cast<sockaddr*>(&at_), sizeof at_);
    REQUIRE((begun == 0 || errno == EINPROGRESS));
    pollfd waiting{socket.get(), POLLOUT, 0};
    const bool connected = ::poll(&waiting, 1, 50) > 0;
    filling_.push_back(std::move(socket));
    return connected;
  }

  sockaddr_in at_{};
  UniqueFd listener_;
  std::vector<UniqueFd> filling_;
};

}  // namespace

TEST_CASE("a server that does not answer, or too slowly, is a timeout") {
  CHECK(failureOf([](Peer& peer) { peer.awaitEnd(); }, 50ms) == ErrorKind::kTimeout);
  CHECK(failureOf(dripping("HTTP/1.1 200 OK\r\nX: "), 50ms) == ErrorKind::kTimeout);
  CHECK(failureOf(dripping("HTTP/1.1 200 OK\r\n\r\n"), 50ms) == ErrorKind::kTimeout);
  CHECK(failureOf(dripping("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), 50ms) ==
        ErrorKind::kTimeout);
  CHECK(failureOf(dripping("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;"), 50ms) ==
        ErrorKind::kTimeout);
}

TEST_CASE("a server that takes no body is a timeout") {
  const ScriptedServer server([](Peer& peer) {
    while (!peer.endsWithin(1000)) {
    }
  });
  Asking asking;
  ClientRequest request = Asking::to(server.url(), "POST");
  request.timeout = 100ms;
  request.body = largeBody();
  const auto response = asking.send(std::move(request));
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kTimeout);
}

TEST_CASE("an answer without end is too large") {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(failureOf(endless("HTTP/1.1 200 OK\r\n", "X: y\r\n")) == ErrorKind::kTooLarge);
  CHECK(failureOf(endless("HTTP/1.1 200 OK\r\nX: ", std::string(1000, 'y'))) ==
        ErrorKind::kTooLarge);
  CHECK(failureOf(endless("", "HTTP/1.1 100 Continue\r\n\r\n")) == ErrorKind::kTooLarge);
  CHECK(failureOf(endless("HTTP/1.1 200 OK\r\n\r\n", std::string(1000, 'b'))) ==
        ErrorKind::kTooLarge);
  CHECK(failureOf(endless(chunked, "1\r\nb\r\n")) == ErrorKind::kTooLarge);
  CHECK(failureOf(endless(chunked + "1;", std::string(1000, 'e'))) == ErrorKind::kTooLarge);
  CHECK(failureOf(endless(chunked + "0\r\n", "X: y\r\n")) == ErrorKind::kTooLarge);
}

TEST_CASE("an answer that is announced to be too large is not read") {
  CHECK(failureOf([](Peer& peer) {
          peer.read();
          peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n");
          peer.awaitEnd();
        }) == ErrorKind::kTooLarge);
}

TEST_CASE("what is not HTTP is an error") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::string> all = {
      "",
      "\r\n",
      "garbage\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 abc OK\r\n\r\n",
      "HTTP/9.9 200 OK\r\n\r\n",
      std::string(5000, '\0'),
      ok,
      ok + "No colon\r\n\r\n",
      ok + "Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
      ok + "Content-Length: -1\r\n\r\n",
      ok + "Content-Length: 99999999999999999999999\r\n\r\n",
      ok + "Content-Length: 10\r\n\r\nshort",
      ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
      ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcde\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
  };
  for (const std::string& answer : all) {
    CAPTURE(answer);
    CHECK(failureOf(saying(answer)) == ErrorKind::kSystem);
  }
}

TEST_CASE("all addresses of a host are tried in order") {
  const ScriptedServer server([](Peer& peer) {
    peer.read();
    peer.answer("200 OK");
  });
  std::vector<std::string> checked;
  ClientConfig config = takingAllFor({"127.0.0.2", "::1", "::ffff:127.0.0.3", "127.0.0.1"});
  config.check_address = [&checked](const std::string& host, const std::string& address) {
    CHECK(host == "front.test");
    checked.push_back(address);
    return Result<void>();
  };
  Asking asking(config);
  REQUIRE(asking.get(server.url("/", "front.test")).ok());
  CHECK(checked == std::vector<std::string>{"127.0.0.2", "::1", "127.0.0.3", "127.0.0.1"});
}

TEST_CASE("an address that is not to be connected to is passed over") {
  const auto hello = [](Peer& peer) {
    peer.read();
    peer.answer("200 OK");
  };
  ScriptedServer other(hello, nullptr, 0, "127.0.0.2");
  ScriptedServer server(hello, nullptr, 0, "127.0.0.1", other.port());
  ClientConfig config = takingAllFor({"127.0.0.2", "127.0.0.1"});
  config.check_address = [](const std::string&, const std::string& address) {
    return address == "127.0.0.1" ? Result<void>() : Error(ErrorKind::kInvalid, "not that one");
  };
  Asking asking(config);
  REQUIRE(asking.get(server.url("/", "front.test")).ok());
  CHECK(server.connections() == 1);
  const auto refused = asking.get(other.url("/", "127.0.0.2"));
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind() == ErrorKind::kInvalid);
  CHECK(refused.error().message() == "not that one");
  CHECK(other.connections() == 0);
}

TEST_CASE("an address that does not answer takes only its share of the time") {
  const DeafAddress deaf("127.0.0.2");
  const ScriptedServer server(
      [](Peer& peer) {
        peer.read();
        peer.answer("200 OK");
      },
      nullptr, 0, "127.0.0.1", deaf.port());
  Asking asking(takingAllFor({"127.0.0.2", "127.0.0.1"}));
  ClientRequest request = Asking::to(server.url("/", "front.test"));
  request.timeout = 4s;
  CHECK(asking.send(std::move(request)).ok());
  ClientRequest only_deaf = Asking::to(server.url("/", "127.0.0.2"));
  only_deaf.timeout = 50ms;
  const auto response = asking.send(std::move(only_deaf));
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kTimeout);
}

TEST_CASE("a name that is not found and a port that is closed are errors") {
  Asking asking(takingAllFor({}));
  CHECK(asking.get("http://front.test/").error().kind() == ErrorKind::kSystem);
  std::uint16_t closed = 0;
  {
    const ScriptedServer gone([](Peer&) {});
    closed = gone.port();
  }
  const auto response = asking.get("http://127.0.0.1:" + std::to_string(closed) + "/a?key=secret");
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kSystem);
  CHECK(response.error().message().find("secret") == std::string::npos);
}
