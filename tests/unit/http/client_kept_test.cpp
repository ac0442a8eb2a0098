// Which connections are used again, and when a request is sent again.
#include "http/client_kept.hpp"

#include <atomic>

#include <doctest/doctest.h>

#include "unit/http/asking.hpp"
#include "unit/http/scripted_server.hpp"

using namespace tango::test;
using tango::base::Deadline;
using tango::base::Millis;
using tango::http::BodyPart;
using tango::http::ClientConnection;
using tango::http::ClientRequest;
using tango::http::ConnectionPtr;
using tango::http::KeptConnections;
using tango::http::ResponseParser;

namespace {

class IdleConnection final : public ClientConnection {
 public:
  explicit IdleConnection(int& alive, bool quiet = true) : alive_(alive), quiet_(quiet) {
    ++alive_;
  }
  IdleConnection(const IdleConnection&) = delete;
  IdleConnection& operator=(const IdleConnection&) = delete;
  ~IdleConnection() override { --alive_; }

  boost::asio::awaitable<ErrorCode> write(std::string_view /*bytes*/) override {
    co_return ErrorCode();
  }
  boost::asio::awaitable<ErrorCode> readHead(ResponseParser& /*parser*/) override {
    co_return ErrorCode();
  }
  boost::asio::awaitable<ErrorCode> readSome(ResponseParser& /*parser*/) override {
    co_return ErrorCode();
  }
  boost::asio::awaitable<ErrorCode> readBytes(char* /*room*/, std::size_t /*size*/,
                                              std::size_t& got) override {
    got = 0;
    co_return ErrorCode();
  }
  void end() override {}
  [[nodiscard]] bool isQuiet() override { return quiet_; }

 private:
  int& alive_;
  const bool quiet_;
};

ConnectionPtr idle(int& alive, bool quiet = true) {
  return std::make_unique<IdleConnection>(alive, quiet);
}

// The script answers each request on a connection in its turn.
ScriptedServer::Script answering(const std::string& answer) {
  return [answer](Peer& peer) {
    while (!peer.read().head.empty()) {
      peer.write(answer);
    }
  };
}

std::size_t connectionsForTwo(const ScriptedServer::Script& script) {
  ScriptedServer server(script);
  Asking asking;
  for (int each = 0; each < 2; ++each) {
    const auto response = asking.get(server.url());
    REQUIRE_MESSAGE(response.ok(), (response ? "" : response.error().message()));
    CHECK(response->status == 200);
  }
  return server.connections();
}

}  // namespace

TEST_CASE("a connection is used again for the same origin") {
  CHECK(connectionsForTwo(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) == 1);
  CHECK(connectionsForTwo(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "2\r\nok\r\n0\r\n\r\n")) == 1);
}

TEST_CASE("a connection is not used again when the answer says so or more came than it") {
  CHECK(connectionsForTwo(
            answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")) == 2);
  CHECK(connectionsForTwo(answering("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")) == 2);
  CHECK(connectionsForTwo(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 "
                                    "Forged\r\nContent-Length: 0\r\n\r\n")) == 2);
  CHECK(connectionsForTwo([](Peer& peer) {
          peer.read();
          peer.write("HTTP/1.1 200 OK\r\n\r\nok");
        }) == 2);
}

TEST_CASE("another origin gets a connection of its own") {
  ScriptedServer one(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  ScriptedServer other(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  Asking asking;
  REQUIRE(asking.get(one.url()).ok());
  REQUIRE(asking.get(other.url()).ok());
  REQUIRE(asking.get(one.url()).ok());
  CHECK(one.connections() == 1);
  CHECK(other.connections() == 1);
}

TEST_CASE("a request whose kept connection has ended is sent on a new one") {
  // It ended before the second request.
  CHECK(connectionsForTwo([](Peer& peer) {
          peer.read();
          peer.answer("200 OK");
        }) == 2);
  // It ends, or is reset, when the second request comes.
  for (const bool by_reset : {false, true}) {
    std::atomic<int> asked{0};
    const std::size_t connections = connectionsForTwo([&asked, by_reset](Peer& peer) {
      for (bool first = true; !peer.read().head.empty(); first = false) {
        ++asked;
        if (!first) {
          return by_reset ? peer.reset() : peer.end();
        }
        peer.answer("200 OK");
      }
    });
    CHECK(connections == 2);
    CHECK(asked == 3);
  }
}

TEST_CASE("a body is sent again from its beginning") {
  std::atomic<int> served{0};
  ScriptedServer server([&served](Peer& peer) {
    const Asked first = peer.read();
    peer.answer("200 OK", first.body);
    if (served++ == 0) {
      peer.read();
    } else {
      peer.awaitEnd();
    }
  });
  Asking asking;
  for (const char* text : {"first", "again"}) {
    ClientRequest request = Asking::to(server.url(), "POST");
    request.body.push_back(BodyPart{text, {}, 0, 0});
    const auto response = asking.send(std::move(request));
    REQUIRE(response.ok());
    CHECK(response->body == text);
  }
  CHECK(server.connections() == 2);
}

TEST_CASE("a request is sent once more at most, and only if its connection was a kept one") {
  std::atomic<int> asked{0};
  const ScriptedServer server([&asked](Peer& peer) {
    while (!peer.read().head.empty()) {
      if (asked++ > 0) {
        return;
      }
      peer.answer("200 OK");
    }
  });
  Asking asking;
  REQUIRE(asking.get(server.url()).ok());
  CHECK(!asking.get(server.url()).ok());
  CHECK(asked == 3);
  CHECK(!asking.get(server.url()).ok());
  CHECK(asked == 4);
}

TEST_CASE("a request is not sent again once a byte of an answer came") {
  std::atomic<int> asked{0};
  const ScriptedServer server([&asked](Peer& peer) {
    for (bool first = true; !peer.read().head.empty(); first = false) {
      ++asked;
      if (!first) {
        peer.write("H");
        return;
      }
      peer.answer("200 OK");
    }
  });
  Asking asking;
  REQUIRE(asking.get(server.url()).ok());
  CHECK(!asking.get(server.url()).ok());
  CHECK(asked == 2);
}

TEST_CASE("kept connections are few, quiet and not old") {
  int alive = 0;
  const Deadline now;
  KeptConnections kept;
  CHECK(kept.take("a", now) == nullptr);
  for (std::size_t each = 0; each < 2 * KeptConnections::kPerOriginMax; ++each) {
    kept.put("a", idle(alive), now);
  }
  CHECK(alive == static_cast<int>(KeptConnections::kPerOriginMax));
  for (std::size_t each = 0; each < 2 * KeptConnections::kConnectionsMax; ++each) {
    kept.put("b" + std::to_string(each), idle(alive), now);
  }
  CHECK(alive == static_cast<int>(KeptConnections::kConnectionsMax));
  CHECK(kept.take("a", now) == nullptr);
  CHECK(kept.take("b20", now) != nullptr);
  CHECK(kept.take("b20", now) == nullptr);
  kept.drop("b21");
  CHECK(kept.take("b21", now) == nullptr);
  kept.put("c", idle(alive, false), now);
  CHECK(kept.take("c", now) == nullptr);
  CHECK(kept.take("b22", now + KeptConnections::kUnusedMax + Millis(1)) == nullptr);
  CHECK(alive == 0);
}
