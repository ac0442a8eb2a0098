#include <array>
#include <string>

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "unit/http/served.hpp"

using namespace tango::test;

TEST_CASE("requests of one connection are answered one after the other") {
  Served served;
  RawClient client = served.client();
  for (int count = 0; count < 3; ++count) {
    const Answer answer = client.ask(get("/hello"));
    CHECK(answer.status == 200);
    CHECK(answer.version == "HTTP/1.1");
    CHECK(answer.body == R"({"hello":1})");
    CHECK(answer.headers.at("content-type") == "application/json; charset=UTF-8");
    CHECK(answer.headers.contains("date"));
    CHECK(!answer.headers.contains("connection"));
  }
}

TEST_CASE("pipelined requests are answered in their order") {
  Served served;
  RawClient client = served.client();
  std::string bytes;
  for (int count = 0; count < 500; ++count) {
    bytes += get("/segment/" + std::to_string(count));
    bytes += post("/echo", "body " + std::to_string(count));
  }
  client.send(bytes + get("/hello", "Connection: close\r\n"));
  for (int count = 0; count < 500; ++count) {
    CHECK(client.answer().body == std::to_string(count) + "|");
    CHECK(client.answer().body == "body " + std::to_string(count));
  }
  CHECK(client.answer().headers.at("connection") == "close");
  CHECK(client.ended());
}

TEST_CASE("a request may come byte by byte") {
  Served served;
  RawClient client = served.client();
  for (const char byte : "\r\n" + post("/echo", "slowly")) {
    client.send(std::string(1, byte));
  }
  CHECK(client.answer().body == "slowly");
}

TEST_CASE("HTTP 1.0 is answered and its connection closed unless it is to be kept") {
  Served served;
  RawClient client = served.client();
  const Answer kept = client.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.version == "HTTP/1.0");
  CHECK(kept.headers.at("connection") == "keep-alive");
  const Answer last = client.ask("GET /hello HTTP/1.0\r\n\r\n");
  CHECK(last.status == 200);
  CHECK(client.ended());
}

TEST_CASE("HEAD is answered as GET without the content") {
  Served served;
  RawClient client = served.client();
  client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\nHEAD /file HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.answer(true).headers.at("content-length") == "11");
  CHECK(client.answer(true).headers.at("content-length") == "300000");
  CHECK(client.ask(get("/hello")).body == R"({"hello":1})");
  client.send("HEAD /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.answer(true).status == 405);
}

TEST_CASE("a route is met with a trailing slash and with a query") {
  Served served;
  RawClient client = served.client();
  CHECK(client.ask(get("/")).status == 200);
  CHECK(client.ask(get("/hello/")).status == 200);
  CHECK(client.ask(get("/hello/?a=b")).status == 200);
  CHECK(client.ask(get("/segment/a%2Fb+c%20d?q=%2F")).body == "a/b+c d|q=%2F");
  CHECK(client.ask(get("http://host/hello")).status == 200);
}

TEST_CASE("what the server cannot answer is said as JSON") {
  Served served;
  RawClient client = served.client();
  const Answer unknown = client.ask(get("/nothing"));
  CHECK(unknown.status == 404);
  CHECK(unknown.body == R"({"statusId":-1,"statusMsg":"there is no such route"})");
  CHECK(unknown.headers.at("content-type") == "application/json; charset=UTF-8");
  const Answer wrong = client.ask(post("/hello", ""));
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.at("allow") == "GET, HEAD");
  CHECK(client.ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").status == 400);
  for (const char* path : {"/segment/%ff", "/segment/%zz", "/segment/%0", "/segment/a%00b"}) {
    CAPTURE(path);
    CHECK(client.ask(get(path)).status == 400);
  }
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("what is not HTTP is answered with 400 and the connection closed") {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01"), std::string("GET /\r\n\r\n"),
        std::string("GET /hello HTTP/1.1\nHost: h\n\n"), std::string("hello\r\n\r\n"),
        get("/hello", "A: b\r\n c\r\n"), std::string("GET /a\0b HTTP/1.1\r\n\r\n", 22),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}) {
    CAPTURE(bytes);
    Served served;
    RawClient client = served.client();
    const Answer answer = client.ask(bytes);
    CHECK(answer.status == 400);
    CHECK(answer.headers.at("connection") == "close");
    CHECK(client.ended());
  }
}

TEST_CASE("no second request is taken out of one whose length is in doubt") {
  Served served;
  const std::string inner = get("/hello");
  for (const std::string& headers :
       {std::string("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        std::string("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        std::string("Content-Length: 0\r\nContent-Length: 100\r\n"),
        std::string("Transfer-Encoding: identity\r\n"),
        std::string("Transfer-Encoding : chunked\r\n")}) {
    CAPTURE(headers);
    RawClient client = served.client();
    const Answer answer =
        client.ask("POST /ignore HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n0\r\n\r\n" + inner);
    CHECK(answer.status == 400);
    CHECK(client.ended());
  }
}

TEST_CASE("a head that is too large is answered with 431") {
  Served served;
  for (const std::string& head :
       {"GET /" + std::string(20'000, 'a'), get("/hello", "A: " + std::string(20'000, 'a')),
        get("/hello", [] {
          std::string many;
          for (int count = 0; count < 200; ++count) {
            many += "A: b\r\n";
          }
          return many;
        }())}) {
    RawClient client = served.client();
    CHECK(client.ask(head).status == 431);
    CHECK(client.ended());
  }
  RawClient client = served.client();
  CHECK(client.ask(get("/hello", "A: " + std::string(16'000, 'a') + "\r\n")).status == 200);
}

TEST_CASE("a handler that throws costs its own request only") {
  Served served;
  RawClient client = served.client();
  const Answer answer = client.ask(get("/throw"));
  CHECK(answer.status == 500);
  CHECK(answer.body == R"({"statusId":-1,"statusMsg":"internal error"})");
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a handler cannot be made to split its answer") {
  Served served;
  RawClient client = served.client();
  const Answer answer = client.ask(get("/split/a%0D%0ASet-Cookie:%20b"));
  CHECK(answer.status == 500);
  CHECK(!answer.headers.contains("set-cookie"));
  CHECK(client.ask(get("/split/fine")).headers.at("filename") == "fine");
}

TEST_CASE("a header's bytes reach the handler as they are") {
  Served served;
  RawClient client = served.client();
  CHECK(client.ask(get("/filename", "FILENAME: \xC3\xA9 \xff.c\r\n")).body == "\xC3\xA9 \xff.c");
  CHECK(client.ask(get("/filename")).body == "none");
}

TEST_CASE("an answer without content leaves the connection in step") {
  Served served;
  RawClient client = served.client();
  const Answer none = client.ask(get("/none"));
  CHECK(none.status == 204);
  CHECK(!none.headers.contains("content-length"));
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a file is sent from its offset in pieces") {
  Served served;
  RawClient client = served.client();
  const Answer answer = client.ask(get("/file"));
  CHECK(answer.body == std::string(300'000, 'f'));
  CHECK(answer.headers.at("content-type") == "application/octet-stream");
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a file that is shorter than announced is told by a cut connection") {
  Served served;
  RawClient client = served.client();
  CHECK(client.ask(get("/short")).status == 0);
}

TEST_CASE("the handler hears once its answer is with the kernel") {
  Served served;
  RawClient client = served.client();
  CHECK(client.ask(get("/sent")).body == "sent");
  served.sent.acquire();
}

TEST_CASE("the handler hears once its answer's connection is broken") {
  Served served;
  RawClient client = served.client();
  client.send(get("/endless"));
  std::array<char, 1000> some;
  CHECK(::recv(client.fd(), some.data(), some.size(), 0) > 0);
  client.vanish();
  served.sent.acquire();
}

TEST_CASE("a client that sends no more still gets its answer") {
  Served served;
  RawClient client = served.client();
  client.send(get("/hello") + post("/echo", "last"));
  client.endSending();
  CHECK(client.answer().status == 200);
  CHECK(client.answer().body == "last");
  CHECK(client.ended());
}

TEST_CASE("a client that ends within a head hears so") {
  Served served;
  RawClient client = served.client();
  client.send("GET /hello HTTP/1.1\r\nHost:");
  client.endSending();
  CHECK(client.answer().status == 400);
}
