// The ways to a server: those that a caller makes, TLS with a certificate of our own, and a switch
// of protocols over each.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "support/temp_folder.hpp"
#include "unit/http/asking.hpp"
#include "unit/http/scripted_server.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using boost::asio::awaitable;
using tango::async::ByteStream;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Result;
using tango::http::BodyPart;
using tango::http::ClientConfig;
using tango::http::ClientRequest;
using tango::http::LocalSocket;
using tango::http::Upgraded;

namespace {

void echo(Peer& peer) {
  for (Asked asked = peer.read(); !asked.head.empty(); asked = peer.read()) {
    peer.answer("200 OK", asked.body);
  }
}

constexpr std::size_t kMuch = 20'000'000;

// Agrees to a switch and sends back, in order, kMuch bytes of what comes.
void switchAndEcho(Peer& peer) {
  peer.read();
  peer.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  for (std::size_t sent = 0; sent < kMuch;) {
    const std::string piece = peer.readSome();
    if (piece.empty() || !peer.write(piece)) {
      return;
    }
    sent += piece.size();
  }
}

awaitable<Result<void>> writeAll(ByteStream& stream, const std::string& bytes) {
  Result<void> written = co_await stream.write(bytes);
  co_return written;
}

awaitable<std::string> readAll(ByteStream& stream) {
  std::string all;
  std::string room(100'000, '\0');
  for (;;) {
    const Result<std::size_t> got = co_await stream.readSome(room.data(), room.size());
    if (!got || *got == 0) {
      co_return all;
    }
    all.append(room, 0, *got);
  }
}

awaitable<std::string> through(ByteStream& stream, const std::string& bytes) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto [written, read] = co_await (writeAll(stream, bytes) && readAll(stream));
  co_return written.ok() ? read : "not written";
}

void checkEchoOver(Asking& asking, ClientRequest request) {
  const Result<Upgraded> upgraded = asking.upgrade(std::move(request));
  REQUIRE_MESSAGE(upgraded.ok(), (upgraded.ok() ? "" : upgraded.error().message()));
  std::string much(kMuch, '\0');
  for (std::size_t at = 0; at < much.size(); ++at) {
    much[at] = static_cast<char>(at * 7 + at / 251);
  }
  const std::string back = runOn(asking.context(), through(*upgraded->stream, much));
  CHECK(back == much);
}

// Connects to a unix socket, and counts how often.
ClientConfig connectingTo(const std::string& path, int& times) {
  ClientConfig config;
  config.connect = [path, &times]() -> awaitable<Result<LocalSocket>> {
    ++times;
    LocalSocket socket(co_await boost::asio::this_coro::executor);
    socket.connect(boost::asio::local::stream_protocol::endpoint(path));
    co_return socket;
  };
  config.look_up = [](const std::string&) -> Result<std::vector<boost::asio::ip::address>> {
    return Error(ErrorKind::kSystem, "the host was looked up");
  };
  return config;
}

ClientConfig trusting(const TestCa& ca) {
  ClientConfig config = takingAllFor({"127.0.0.1"});
  config.ca_file = ca.file();
  return config;
}

Identity demanding(TestCa& ca) {
  Identity identity = ca.certify("DNS:front.test");
  identity.client_ca = ca.file();
  return identity;
}

Error refusal(const ClientConfig& config, const ScriptedServer& server) {
  Asking asking(config);
  const auto response = asking.get(server.url("/", "front.test"));
  REQUIRE(!response.ok());
  return response.error();
}

bool says(const Error& error, const std::string& part) {
  return error.message().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a protocol can be switched to over TCP, TLS, a unix socket and a socket that is given") {
  const ScriptedServer tcp(switchAndEcho);
  Asking plain;
  checkEchoOver(plain, Asking::to(tcp.url(), "POST"));

  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  const ScriptedServer tls(switchAndEcho, &identity);
  Asking secure(trusting(ca));
  checkEchoOver(secure, Asking::to(tls.url("/", "front.test"), "POST"));

  const TempFolder folder;
  const ScriptedServer local(switchAndEcho, folder.path() / "socket");
  ClientRequest request = Asking::to("http://localhost/", "POST");
  request.unix_socket = folder.path() / "socket";
  checkEchoOver(plain, std::move(request));

  int times = 0;
  Asking given(connectingTo(folder.path() / "socket", times));
  checkEchoOver(given, Asking::to("http://anywhere/", "POST"));
  CHECK(times == 1);
}

TEST_CASE("a TLS stream that ends without a farewell is broken") {
  TestCa ca;
  const Identity identity = ca.certify("DNS:front.test");
  const ScriptedServer server(
      [](Peer& peer) {
        peer.read();
        peer.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        peer.drop();
      },
      &identity);
  Asking asking(trusting(ca));
  const Result<Upgraded> upgraded = asking.upgrade(Asking::to(server.url("/", "front.test")));
  REQUIRE(upgraded.ok());
  char room = 0;
  const Result<std::size_t> got = runOn(asking.context(), upgraded->stream->readSome(&room, 1));
  REQUIRE(!got.ok());
  CHECK(got.error().kind() == ErrorKind::kSystem);
}

TEST_CASE("requests go over the sockets that are given, and these are kept") {
  const TempFolder folder;
  const ScriptedServer server(echo, folder.path() / "socket");
  int times = 0;
  Asking asking(connectingTo(folder.path() / "socket", times));
  for (const char* text : {"one", "two"}) {
    ClientRequest request = Asking::to("http://anywhere/v1", "POST");
    request.body.push_back(BodyPart{text, {}, 0, 0});
    const auto response = asking.send(std::move(request));
    REQUIRE(response.ok());
    CHECK(response->body == text);
  }
  CHECK(times == 1);
  REQUIRE(asking.get("http://elsewhere/").ok());
  CHECK(times == 2);
}

TEST_CASE("a given socket that has ended is replaced by another") {
  const TempFolder folder;
  const ScriptedServer server(
      [](Peer& peer) {
        peer.read();
        peer.answer("200 OK");
      },
      folder.path() / "socket");
  int times = 0;
  Asking asking(connectingTo(folder.path() / "socket", times));
  REQUIRE(asking.get("http://anywhere/").ok());
  REQUIRE(asking.get("http://anywhere/").ok());
  CHECK(times == 2);
}

TEST_CASE("who gives no socket ends the request with his error or by the end of its time") {
  ClientConfig failing;
  failing.connect = []() -> awaitable<Result<LocalSocket>> {
    co_return Error(ErrorKind::kUnsupported, "no way there");
  };
  Asking asking(failing);
  CHECK(asking.get("http://anywhere/").error().message() == "no way there");
  CHECK(asking.upgrade(Asking::to("http://anywhere/")).error().kind() == ErrorKind::kUnsupported);

  ClientConfig slow;
  slow.connect = []() -> awaitable<Result<LocalSocket>> {
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                    boost::asio::steady_timer::time_point::max());
    co_await never.async_wait(boost::asio::use_awaitable);
    co_return Error(ErrorKind::kSystem, "never");
  };
  Asking waiting(slow);
  ClientRequest request = Asking::to("http://anywhere/");
  request.timeout = 50ms;
  CHECK(waiting.send(std::move(request)).error().kind() == ErrorKind::kTimeout);
}

TEST_CASE("a server that demands a certificate is shown ours") {
  TestCa ca;
  const Identity identity = demanding(ca);
  const Identity ours = ca.certify("DNS:tango.test");
  ClientConfig config = trusting(ca);
  config.cert_file = ours.cert;
  config.key_file = ours.key;
  for (const int version : {0, TLS1_2_VERSION}) {
    const ScriptedServer server(echo, &identity, version);
    Asking asking(config);
    const auto response = asking.get(server.url("/", "front.test"));
    CHECK_MESSAGE(response.ok(), (response.ok() ? "" : response.error().message()));
  }
}

TEST_CASE("a server that demands a certificate refuses who has none or another's") {
  TestCa ca;
  TestCa other;
  const Identity identity = demanding(ca);
  const Identity strange = other.certify("DNS:tango.test");
  for (const int version : {0, TLS1_2_VERSION}) {
    const ScriptedServer server(echo, &identity, version);
    ClientConfig config = trusting(ca);
    CHECK(refusal(config, server).kind() == ErrorKind::kSystem);
    config.cert_file = strange.cert;
    config.key_file = strange.key;
    CHECK(refusal(config, server).kind() == ErrorKind::kSystem);
  }
}

TEST_CASE("a certificate or key that is no good is named and nothing of it is told") {
  TestCa ca;
  const TempFolder folder;
  const Identity identity = demanding(ca);
  const Identity ours = ca.certify("DNS:tango.test");
  const Identity others = ca.certify("DNS:tango.test");
  const ScriptedServer server(echo, &identity);
  const std::string junk = folder.write("junk", "hush-hush");
  const auto refusalOf = [&](const std::string& cert, const std::string& key) {
    ClientConfig config = trusting(ca);
    config.cert_file = cert;
    config.key_file = key;
    Error error = refusal(config, server);
    CHECK(!says(error, "hush-hush"));
    return error;
  };
  CHECK(refusalOf(ours.cert, "").kind() == ErrorKind::kInvalid);
  CHECK(refusalOf("", ours.key).kind() == ErrorKind::kInvalid);
  CHECK(says(refusalOf("/nonexistent", ours.key), "/nonexistent"));
  CHECK(says(refusalOf(ours.cert, "/nonexistent"), "/nonexistent"));
  CHECK(says(refusalOf(junk, ours.key), junk));
  CHECK(says(refusalOf(ours.cert, junk), junk));
  CHECK(says(refusalOf(ours.cert, others.key), others.key));
}

TEST_CASE("a key with a passphrase is refused and nobody is asked for it") {
  TestCa ca;
  const TempFolder folder;
  const Identity identity = demanding(ca);
  const Identity ours = ca.certify("DNS:tango.test");
  const std::string locked = folder.path() / "locked";
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<FILE, decltype(&::fclose)> file(::fopen(locked.c_str(), "w"), &::fclose);
  const std::string passphrase = "open sesame";
  REQUIRE(PEM_write_PrivateKey(file.get(), key.get(), EVP_aes_256_cbc(),
                               reinterpret_cast<const unsigned char*>(passphrase.data()),
                               static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
  REQUIRE(std::fflush(file.get()) == 0);
  const ScriptedServer server(echo, &identity);
  ClientConfig config = trusting(ca);
  config.cert_file = ours.cert;
  config.key_file = locked;
  const Error error = refusal(config, server);
  CHECK_MESSAGE(says(error, locked), error.message());
  CHECK_MESSAGE(says(error, "passphrase"), error.message());
}
