#include "http/server.hpp"

#include <vector>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "unit/http/served.hpp"

using namespace tango::test;
using tango::base::ErrorKind;
using tango::http::Server;
using tango::http::ServerConfig;

namespace {

// While this lives, the process gets no more descriptors.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int free = ::dup(STDERR_FILENO);
    REQUIRE(free >= 0);
    ::close(free);
    const rlimit none{static_cast<rlim_t>(free), before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a client that sends its head too slowly is answered with 408") {
  ServerConfig config = patientConfig();
  config.header_timeout = 500ms;
  Served served(config);
  RawClient client = served.client();
  client.send("GET /hello HTTP/1.1\r\n");
  const Answer answer = client.answer();
  CHECK(answer.status == 408);
  CHECK(answer.body == R"({"statusId":-1,"statusMsg":"the request came too slowly"})");
  CHECK(client.ended());
}

TEST_CASE("a connection on which no request begins is closed") {
  ServerConfig config = patientConfig();
  config.header_timeout = 20ms;
  Served served(config);
  RawClient client = served.client();
  CHECK(client.ended());
}

TEST_CASE("a connection between two requests is closed when it was idle for too long") {
  ServerConfig config = patientConfig();
  config.idle_timeout = 20ms;
  Served served(config);
  RawClient client = served.client();
  CHECK(client.ask(get("/hello")).status == 200);
  CHECK(client.ended());
}

TEST_CASE("the head of a later request has the head's deadline") {
  ServerConfig config = patientConfig();
  config.header_timeout = 500ms;
  Served served(config);
  RawClient client = served.client();
  CHECK(client.ask(get("/hello")).status == 200);
  CHECK(client.ask("GET /hello").status == 408);
}

TEST_CASE("a body that does not come on is a timeout to the handler") {
  ServerConfig config = patientConfig();
  config.body_timeout = 20ms;
  Served served(config);
  RawClient client = served.client();
  client.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nsome");
  const Answer answer = client.answer();
  CHECK(answer.body == "failed: the request came too slowly");
  CHECK(served.failure == ErrorKind::kTimeout);
  CHECK(client.ended());
}

TEST_CASE("a client that does not take its answer is cut") {
  ServerConfig config = patientConfig();
  config.write_timeout = 20ms;
  Served served(config);
  RawClient client(served.port(), false, 4096);
  client.send(get("/endless"));
  served.sent.acquire();
  served.awaitConnections(0);
}

TEST_CASE("a handler may take longer than a head may") {
  ServerConfig config = patientConfig();
  config.header_timeout = 500ms;
  Served served(config);
  RawClient waiting = served.client();
  waiting.send(get("/wait"));
  served.waiting.acquire();
  // Of a connection that began later, the head's deadline passes here.
  CHECK(served.client().ended());
  served.release();
  CHECK(waiting.answer().body == "waited");
}

TEST_CASE("slow clients hold up nobody") {
  Served served;
  std::vector<RawClient> slow;
  for (int count = 0; count < 50; ++count) {
    slow.push_back(served.client());
    slow.back().send(count % 2 == 0 ? "GET /hel"
                                    : "POST /count HTTP/1.1\r\nContent-Length: 9\r\n\r\n");
  }
  RawClient waiting = served.client();
  waiting.send(get("/wait"));
  served.waiting.acquire();
  CHECK(served.client().ask(get("/hello")).status == 200);
  served.release();
  CHECK(waiting.answer().body == "waited");
}

TEST_CASE("connections over the bound hear 503 until one ends") {
  ServerConfig config = patientConfig();
  config.connections_max = 2;
  Served served(config);
  RawClient first = served.client();
  CHECK(first.ask(get("/hello")).status == 200);
  {
    RawClient second = served.client();
    CHECK(second.ask(get("/hello")).status == 200);
    RawClient third = served.client();
    const Answer answer = third.ask(get("/hello"));
    CHECK(answer.status == 503);
    CHECK(answer.body == R"({"statusId":-1,"statusMsg":"too many connections"})");
    CHECK(answer.headers.at("retry-after") == "1");
    CHECK(third.ended());
  }
  served.awaitConnections(1);
  CHECK(served.client().ask(get("/hello")).status == 200);
}

TEST_CASE("one client's connections are bounded too") {
  ServerConfig config = patientConfig();
  config.connections_per_client_max = 1;
  Served served(config);
  RawClient first = served.client();
  CHECK(first.ask(get("/hello")).status == 200);
  CHECK(served.client().ask(get("/hello")).status == 503);
}

TEST_CASE("a client that comes when no descriptor is free is served once there is one") {
  Served served;
  RawClient early = served.client();
  CHECK(early.ask(get("/hello")).status == 200);
  RawClient late;
  {
    const NoDescriptors none;
    late.connect(served.port());
    CHECK(early.ask(get("/hello")).status == 200);
  }
  CHECK(late.ask(get("/hello")).status == 200);
}

TEST_CASE("a stop closes idle connections and lets the others have their answer") {
  Served served;
  RawClient idle = served.client();
  CHECK(idle.ask(get("/hello")).status == 200);
  RawClient busy = served.client();
  busy.send(get("/wait") + get("/hello"));
  served.waiting.acquire();
  served.stop(10min);
  CHECK(idle.ended());
  served.release();
  const Answer answer = busy.answer();
  CHECK(answer.body == "waited");
  CHECK(answer.headers.at("connection") == "close");
  CHECK(busy.ended());
  busy.vanish();
  served.join();
}

TEST_CASE("a stop cuts what its grace does not suffice for") {
  Served served;
  RawClient upload = served.client();
  upload.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nsome");
  RawClient head = served.client();
  head.send("GET /hel");
  served.awaitConnections(2);
  served.stop(1ms);
  served.failed.acquire();
  CHECK(upload.ended());
  CHECK(head.ended());
  served.join();
}

TEST_CASE("a server listens on IPv4 and IPv6 addresses and on names") {
  for (const char* host : {"127.0.0.1", "::1", "localhost", "::", "0.0.0.0"}) {
    CAPTURE(host);
    ServerConfig config = patientConfig();
    config.host = host;
    Served served(config);
    const std::string name(host);
    if (name != "::1") {
      CHECK(RawClient(served.port()).ask(get("/hello")).status == 200);
    }
    if (name.find(':') != std::string::npos) {
      CHECK(RawClient(served.port(), true).ask(get("/hello")).status == 200);
    }
  }
}

TEST_CASE("an address that cannot be had is an error") {
  Served served;
  boost::asio::io_context context;
  const tango::http::Router router;
  ServerConfig config;
  config.port = served.port();
  const auto taken = Server::listen(context.get_executor(), config, router);
  REQUIRE(!taken.ok());
  CHECK(taken.error().kind() == ErrorKind::kExists);
  for (const char* host : {"192.0.2.1", "no such name", "nowhere.invalid"}) {
    config.host = host;
    const auto nowhere = Server::listen(context.get_executor(), config, router);
    REQUIRE(!nowhere.ok());
    CHECK(nowhere.error().kind() == ErrorKind::kInvalid);
  }
}
