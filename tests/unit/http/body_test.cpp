#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "unit/http/served.hpp"

using namespace tango::test;
using tango::base::ErrorKind;

namespace {

std::string chunkedHead(std::string_view path) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(std::string_view data) {
  std::string size(16, '\0');
  size.resize(static_cast<std::size_t>(std::snprintf(size.data(), 16, "%zx", data.size())));
  return size + "\r\n" + std::string(data) + "\r\n";
}

// The most memory that this process had since `forgetPeak`, in kB.
long peakKb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stol(line.substr(6));
    }
  }
  return 0;
}

void forgetPeak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace

TEST_CASE("a body is read whole") {
  Served served;
  RawClient client = served.client();
  const std::string body(100'000, 'b');
  CHECK(client.ask(post("/echo", body)).body == body);
  CHECK(client.ask(post("/echo", "")).body.empty());
  CHECK(client.ask("POST /echo HTTP/1.1\r\nHost: h\r\n\r\n").body.empty());
  CHECK(client.ask(chunkedHead("/echo") + chunk("a") + chunk(body.substr(1)) + "0\r\n\r\n").body ==
        "a" + body.substr(1));
}

TEST_CASE("a body over the handler's bound is refused by its announcement and by its bytes") {
  Served served;
  {
    RawClient client = served.client();
    const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n";
    CHECK(client.ask(head).body == "failed: the body is over 100000 bytes");
  }
  RawClient client = served.client();
  CHECK(client.ask(chunkedHead("/echo") + chunk(std::string(100'001, 'b'))).body ==
        "failed: the body is over 100000 bytes");
  CHECK(served.failure == ErrorKind::kTooLarge);
}

TEST_CASE("a body over the server's bound is refused") {
  tango::http::ServerConfig config = patientConfig();
  config.body_bytes_max = 1000;
  Served served(config);
  {
    RawClient client = served.client();
    CHECK(client.ask(post("/count", std::string(1000, 'b'))).body == "1000");
    CHECK(client.ask(post("/count", std::string(1001, 'b'))).status == 413);
    CHECK(client.ended());
  }
  RawClient client = served.client();
  CHECK(client.ask(chunkedHead("/count") + chunk(std::string(1001, 'b')) + "0\r\n\r\n").body ==
        "failed: the body is too large");
  CHECK(client.ended());
}

TEST_CASE("a chunked upload of 64 MiB is read in flat memory") {
  Served served;
  RawClient client = served.client();
  const std::string piece = chunk(std::string(1'000'000, 'b'));
  forgetPeak();
  const long before_kb = peakKb();
  REQUIRE(client.send(chunkedHead("/count")));
  for (int count = 0; count < 67; ++count) {
    REQUIRE(client.send(piece));
  }
  CHECK(client.ask("0\r\nTrailer: x\r\n\r\n").body == "67000000");
  CHECK(peakKb() - before_kb < 16 * 1024);
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a body that is not chunked as it says ends the connection") {
  Served served;
  RawClient client = served.client();
  const Answer answer = client.ask(chunkedHead("/count") + "5\nhello\n0\n\n" + get("/hello"));
  CHECK(answer.body == "failed: the body is not in the chunked coding");
  CHECK(answer.headers.at("connection") == "close");
  CHECK(served.failure == ErrorKind::kInvalid);
  CHECK(client.ended());
}

TEST_CASE("a client that waits for 100 Continue is asked for its body when the handler reads") {
  Served served;
  RawClient client = served.client();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.answer().status == 100);
  CHECK(client.ask("body").body == "body");
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a client that waits for 100 Continue is not asked for a body that nobody reads") {
  Served served;
  RawClient client = served.client();
  const Answer answer = client.ask(
      "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(answer.body == "ignored");
  CHECK(answer.headers.at("connection") == "close");
  CHECK(client.ended());
}

TEST_CASE("a client that did not wait for 100 Continue gets its answer only") {
  Served served;
  RawClient client = served.client();
  CHECK(client.ask(post("/echo", "body", "Expect: 100-continue\r\n")).body == "body");
  CHECK(client.ask("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").status == 200);
}

TEST_CASE("a short body that nobody reads is dropped and the connection kept") {
  Served served;
  RawClient client = served.client();
  CHECK(client.ask(post("/ignore", std::string(200'000, 'b'))).body == "ignored");
  CHECK(client.ask(chunkedHead("/ignore") + chunk("unread") + "0\r\n\r\n").body == "ignored");
  CHECK(client.ask(post("/nothing", "unread")).status == 404);
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a long body that nobody reads costs the connection and not the answer") {
  Served served;
  RawClient client = served.client();
  client.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n" +
              std::string(1'000'000, 'b'));
  const Answer answer = client.answer();
  CHECK(answer.body == "ignored");
  CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("a chunked body without end that nobody reads costs the connection") {
  Served served;
  RawClient client = served.client();
  client.send(chunkedHead("/ignore"));
  CHECK(client.answer().body == "ignored");
  const std::string piece = chunk(std::string(1'000'000, 'b'));
  while (client.send(piece)) {
  }
}

TEST_CASE("a client that vanishes within its upload is told to the handler") {
  Served served;
  RawClient client = served.client();
  client.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nsome");
  client.vanish();
  served.failed.acquire();
  CHECK(served.failure == ErrorKind::kSystem);
}

TEST_CASE("a client that ends within its upload is told to the handler and answered") {
  Served served;
  RawClient client = served.client();
  client.send(chunkedHead("/count") + "5\r\nhel");
  client.endSending();
  CHECK(client.answer().body == "failed: the connection ended within the body");
  CHECK(served.failure == ErrorKind::kSystem);
  CHECK(client.ended());
}
