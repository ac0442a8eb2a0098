#include <string>

#include <doctest/doctest.h>

#include "unit/http/asking.hpp"
#include "unit/http/scripted_server.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using tango::base::ErrorKind;
using tango::http::BodyPart;
using tango::http::ClientConfig;
using tango::http::ClientRequest;

namespace {

void echo(Peer& peer) {
  for (Asked asked = peer.read(); !asked.head.empty(); asked = peer.read()) {
    peer.answer("200 OK", asked.body);
  }
}

ClientConfig trusting(const TestCa& ca) {
  ClientConfig config = takingAllFor({"127.0.0.1"});
  config.ca_file = ca.file();
  return config;
}

// Why a server with that identity is refused; nothing of the request may reach it.
std::string refusal(const ClientConfig& config, const Identity& identity,
                    const std::string& host = "front.test", int version_max = 0) {
  std::string asked;
  const ScriptedServer server([&asked](Peer& peer) { asked = peer.read().head; }, &identity,
                              version_max);
  Asking asking(config);
  const auto response = asking.get(server.url("/", host));
  CHECK(asked.empty());
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kSystem);
  return response.error().message();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server whose certificate is trusted and is the host's is talked to") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test,IP:127.0.0.1");
  std::string expected;
  ScriptedServer server(
      [&expected](Peer& peer) {
        expected = peer.serverName();
        echo(peer);
      },
      &identity);
  Asking asking(trusting(ca));
  const std::string large(3'000'000, 'l');
  for (const std::string& body : {std::string("small"), large}) {
    ClientRequest request = Asking::to(server.url("/", "front.test"), "POST");
    request.body.push_back(BodyPart{body, {}, 0, 0});
    const auto response = asking.send(std::move(request));
    REQUIRE_MESSAGE(response.ok(), (response ? "" : response.error().message()));
    CHECK(response->body == body);
  }
  CHECK(expected == "front.test");
  CHECK(server.connections() == 1);
  REQUIRE(asking.get(server.url("/", "127.0.0.1")).ok());
  CHECK(expected.empty());
}

TEST_CASE("a certificate of an unknown authority is refused") {
  TestCa ca;
  TestCa other;
  CHECK(has(refusal(trusting(ca), other.certify("DNS:front.test")), "certificate"));
  CHECK(has(refusal(takingAllFor({"127.0.0.1"}), ca.certify("DNS:front.test")), "certificate"));
}

TEST_CASE("a certificate of another host is refused") {
  TestCa ca;
  CHECK(has(refusal(trusting(ca), ca.certify("DNS:other.test")), "mismatch"));
  CHECK(has(refusal(trusting(ca), ca.certify("DNS:a.front.test,DNS:f*.test")), "mismatch"));
  CHECK(has(refusal(trusting(ca), ca.certify("DNS:front.test,DNS:127.0.0.1"), "127.0.0.1"),
            "mismatch"));
  CHECK(has(refusal(trusting(ca), ca.certify("IP:127.0.0.2"), "127.0.0.1"), "mismatch"));
}

TEST_CASE("a certificate out of its time is refused") {
  TestCa ca;
  CHECK(has(refusal(trusting(ca), ca.certify("DNS:front.test", -7200, -3600)), "expired"));
  CHECK(has(refusal(trusting(ca), ca.certify("DNS:front.test", 3600, 7200)), "not yet valid"));
}

TEST_CASE("TLS before 1.2 is refused by the client") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  CHECK(!refusal(trusting(ca), identity, "front.test", TLS1_1_VERSION).empty());
  const ScriptedServer server(echo, &identity, TLS1_2_VERSION);
  Asking asking(trusting(ca));
  CHECK(asking.get(server.url("/", "front.test")).ok());
}

TEST_CASE("a server that speaks no TLS is refused and one that never shakes hands is a timeout") {
  const TestCa ca;
  const ScriptedServer plain([](Peer& peer) { peer.write("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  Asking asking(trusting(ca));
  const std::string port = std::to_string(plain.port());
  const auto refused = asking.get("https://front.test:" + port + "/");
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind() == ErrorKind::kSystem);

  const ScriptedServer silent([](Peer& peer) { peer.awaitEnd(); });
  ClientRequest request = Asking::to("https://front.test:" + std::to_string(silent.port()) + "/");
  request.timeout = 50ms;
  const auto late = asking.send(std::move(request));
  REQUIRE(!late.ok());
  CHECK(late.error().kind() == ErrorKind::kTimeout);
}

TEST_CASE("a server that stops answering over TLS is a timeout") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  const ScriptedServer server([](Peer& peer) { peer.awaitEnd(); }, &identity);
  Asking asking(trusting(ca));
  ClientRequest request = Asking::to(server.url("/", "front.test"));
  request.timeout = 200ms;
  const auto response = asking.send(std::move(request));
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kTimeout);
}

TEST_CASE("a kept TLS connection that the server ended is replaced") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  ScriptedServer server(
      [](Peer& peer) {
        peer.read();
        peer.answer("200 OK");
      },
      &identity);
  Asking asking(trusting(ca));
  REQUIRE(asking.get(server.url("/", "front.test")).ok());
  REQUIRE(asking.get(server.url("/", "front.test")).ok());
  CHECK(server.connections() == 2);
}

TEST_CASE("an answer over TLS that comes before all is sent ends the sending") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  const ScriptedServer server(
      [](Peer& peer) {
        peer.readHead();
        peer.answer("413 Too Large", "no");
        peer.awaitEnd();
      },
      &identity);
  Asking asking(trusting(ca));
  ClientRequest request = Asking::to(server.url("/", "front.test"), "POST");
  request.body = largeBody();
  const auto response = asking.send(std::move(request));
  REQUIRE_MESSAGE(response.ok(), (response ? "" : response.error().message()));
  CHECK(response->status == 413);
}

TEST_CASE("an answer whose end somebody may have cut off is an error") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  bool farewell = true;
  const ScriptedServer server(
      [&farewell](Peer& peer) {
        peer.read();
        peer.write("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        return farewell ? peer.end() : peer.drop();
      },
      &identity);
  Asking asking(trusting(ca));
  CHECK(asking.get(server.url("/", "front.test")).ok());
  farewell = false;
  CHECK(!asking.get(server.url("/", "front.test")).ok());
}

TEST_CASE("a file of certificates that cannot be read is an error of https alone") {
  const ScriptedServer server(echo);
  ClientConfig config = takingAllFor({"127.0.0.1"});
  config.ca_file = "/nonexistent/ca.pem";
  Asking asking(config);
  CHECK(asking.get(server.url()).ok());
  const auto response = asking.get("https://front.test:" + std::to_string(server.port()) + "/");
  REQUIRE(!response.ok());
  CHECK(response.error().message().find("/nonexistent/ca.pem") != std::string::npos);
}
