#include <doctest/doctest.h>

#include "unit/http/served.hpp"
#include "unit/http/tls_client.hpp"

using namespace tango::test;
using tango::base::ErrorKind;
using tango::http::Server;
using tango::http::ServerConfig;

namespace {

ServerConfig tlsConfig(const TlsFiles& files) {
  ServerConfig config = patientConfig();
  config.tls_cert = files.cert();
  config.tls_key = files.key();
  return config;
}

}  // namespace

TEST_CASE("requests are answered over TLS as they are without") {
  const TlsFiles files("first");
  Served served(tlsConfig(files));
  TlsClient client(served.port());
  REQUIRE(client.secured());
  CHECK(client.certificateName() == "first");
  CHECK(client.ask(get("/hello")).body == R"({"hello":1})");
  CHECK(client.ask(post("/echo", std::string(90'000, 'b'))).body == std::string(90'000, 'b'));
  CHECK(client.ask(get("/file")).body == std::string(300'000, 'f'));
  CHECK(client.ask(get("/nothing", "Connection: close\r\n")).status == 404);
  CHECK(client.ended());
}

TEST_CASE("TLS before 1.2 is refused") {
  const TlsFiles files("old");
  Served served(tlsConfig(files));
  CHECK(!TlsClient(served.port(), TLS1_1_VERSION).secured());
  CHECK(TlsClient(served.port(), TLS1_2_VERSION).secured());
}

TEST_CASE("a handshake has the head's deadline") {
  const TlsFiles files("slow");
  ServerConfig config = tlsConfig(files);
  config.header_timeout = 20ms;
  Served served(config);
  CHECK(served.client().ended());
}

TEST_CASE("a client that speaks no TLS is closed") {
  const TlsFiles files("plain");
  Served served(tlsConfig(files));
  RawClient client = served.client();
  CHECK(client.ask(get("/hello")).status == 0);
  served.awaitConnections(0);
}

TEST_CASE("a request over TLS that comes too slowly is answered with 408") {
  const TlsFiles files("slow");
  ServerConfig config = tlsConfig(files);
  config.header_timeout = 500ms;
  Served served(config);
  TlsClient client(served.port());
  REQUIRE(client.secured());
  CHECK(client.ask("GET /hel").status == 408);
}

TEST_CASE("new TLS files are for new connections and bad ones leave the old in use") {
  TlsFiles files("first");
  Served served(tlsConfig(files));
  TlsClient before(served.port());
  files.write("second");
  served.onServer([&] { CHECK(served.server().reloadTls().ok()); });
  CHECK(before.ask(get("/hello")).status == 200);
  TlsClient after(served.port());
  CHECK(after.certificateName() == "second");
  files.spoilKey();
  served.onServer([&] {
    const auto reloaded = served.server().reloadTls();
    REQUIRE(!reloaded.ok());
    CHECK(reloaded.error().kind() == ErrorKind::kInvalid);
  });
  TlsClient again(served.port());
  CHECK(again.certificateName() == "second");
  CHECK(again.ask(get("/hello")).status == 200);
}

TEST_CASE("TLS files that are no good are an error") {
  boost::asio::io_context context;
  const tango::http::Router router;
  const auto kindOf = [&](const ServerConfig& config) {
    const auto server = Server::listen(context.get_executor(), config, router);
    REQUIRE(!server.ok());
    return server.error().kind();
  };
  const TlsFiles files("one");
  const TlsFiles other("other");
  ServerConfig config = tlsConfig(files);
  config.tls_key = other.key();
  CHECK(kindOf(config) == ErrorKind::kInvalid);
  config.tls_key = files.key() + ".missing";
  CHECK(kindOf(config) == ErrorKind::kInvalid);
  config.tls_key = files.lockedKey();
  CHECK(kindOf(config) == ErrorKind::kInvalid);
  config.tls_key = "";
  CHECK(kindOf(config) == ErrorKind::kInvalid);
  config.tls_key = files.key();
  config.tls_cert = files.key();
  CHECK(kindOf(config) == ErrorKind::kInvalid);
}
