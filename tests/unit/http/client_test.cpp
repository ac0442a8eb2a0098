#include "http/client.hpp"

#include <numeric>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/temp_folder.hpp"
#include "unit/http/asking.hpp"
#include "unit/http/scripted_server.hpp"

using namespace tango::test;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Result;
using tango::base::UniqueFd;
using tango::http::BodyPart;
using tango::http::ClientRequest;
using tango::http::ClientResponse;

namespace {

UniqueFd fileWith(const std::string& content) {
  UniqueFd file(::memfd_create("body", MFD_CLOEXEC));
  REQUIRE(::write(file.get(), content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  return file;
}

// Answers each request with its own body until the client goes.
void echo(Peer& peer) {
  for (Asked asked = peer.read(); !asked.head.empty(); asked = peer.read()) {
    peer.answer("200 OK", asked.body);
  }
}

ScriptedServer::Script saying(const std::string& answer) {
  return [answer](Peer& peer) {
    peer.read();
    peer.write(answer);
  };
}

}  // namespace

TEST_CASE("a request is sent and its answer read") {
  std::string head;
  ScriptedServer server([&head](Peer& peer) {
    head = peer.read().head;
    peer.answer("418 I'm a teapot", "short and stout", "X-Odd: one\r\nx-odd: two\r\n");
  });
  Asking asking;
  ClientRequest request = Asking::to(server.url("/pot?tea=1"));
  request.headers = {{"Filename", "t\xc3\xa9.txt"}};
  const auto response = asking.send(std::move(request));
  REQUIRE(response.ok());
  CHECK(response->status == 418);
  CHECK(response->body == "short and stout");
  CHECK(response->header("x-odd") == "one");
  CHECK(response->header("missing").empty());
  CHECK(head.starts_with("GET /pot?tea=1 HTTP/1.1\r\n"));
  CHECK(head.find("\r\nFilename: t\xc3\xa9.txt\r\n") != std::string::npos);
}

TEST_CASE("a body of several parts is sent in order and its progress told") {
  ScriptedServer server(echo);
  Asking asking;
  ClientRequest request = Asking::to(server.url(), "POST");
  request.body.push_back(BodyPart{"before|", {}, 0, 0});
  request.body.push_back(BodyPart{"", fileWith("skipped, sent, skipped"), 9, 4});
  request.body.push_back(BodyPart{"", fileWith(""), 0, 0});
  request.body.push_back(BodyPart{"|after", {}, 0, 0});
  std::vector<std::uint64_t> told;
  request.on_sent = [&told](std::uint64_t bytes) { told.push_back(bytes); };
  const auto response = asking.send(std::move(request));
  REQUIRE(response.ok());
  CHECK(response->body == "before|sent|after");
  CHECK(told == std::vector<std::uint64_t>{7, 11, 17});
}

TEST_CASE("a large file is sent whole") {
  std::string content(9'000'001, '\0');
  std::iota(content.begin(), content.end(), '\1');
  ScriptedServer server(echo);
  Asking asking;
  ClientRequest request = Asking::to(server.url(), "POST");
  request.body.push_back(BodyPart{"", fileWith(content), 0, content.size()});
  const auto response = asking.send(std::move(request));
  REQUIRE(response.ok());
  CHECK(response->body == content);
}

TEST_CASE("a file that became shorter is an error though the server waits for the rest") {
  ScriptedServer server([](Peer& peer) { peer.read(); });
  Asking asking;
  ClientRequest request = Asking::to(server.url(), "POST");
  request.body.push_back(BodyPart{"", fileWith("short"), 0, 1000});
  const auto response = asking.send(std::move(request));
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kSystem);
  CHECK(response.error().message().find("shorter") != std::string::npos);
}

TEST_CASE("answers are read in each of their forms") {
  const auto bodyOf = [](const std::string& answer, const std::string& method = "GET") {
    ScriptedServer server(saying(answer));
    Asking asking;
    const auto response = asking.send(Asking::to(server.url(), method));
    REQUIRE_MESSAGE(response.ok(), answer);
    return std::to_string(response->status) + " " + response->body;
  };
  CHECK(bodyOf("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc") == "200 abc");
  CHECK(bodyOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
               "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n") == "200 abcde");
  CHECK(bodyOf("HTTP/1.1 200 OK\r\n\r\nuntil the end") == "200 until the end");
  CHECK(bodyOf("HTTP/1.0 200 OK\r\n\r\nold") == "200 old");
  CHECK(bodyOf("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == "200 ");
  CHECK(bodyOf("HTTP/1.1 204 No Content\r\n\r\n") == "204 ");
  CHECK(bodyOf("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") == "304 ");
  CHECK(bodyOf("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD") == "200 ");
  CHECK(bodyOf("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc") == "200 abc");
  CHECK(bodyOf("HTTP/1.1 101 Switching Protocols\r\n\r\n") == "101 ");
}

TEST_CASE("an answer can be taken piece by piece") {
  const std::string content(300'000, 'p');
  ScriptedServer server([&content](Peer& peer) {
    peer.read();
    peer.answer("200 OK", content);
  });
  Asking asking;
  ClientRequest request = Asking::to(server.url());
  std::string taken;
  int status = 0;
  request.on_head = [&](const ClientResponse& head) {
    status = head.status;
    CHECK(taken.empty());
    return Result<void>();
  };
  request.on_body = [&taken](std::string_view piece) {
    taken.append(piece);
    return Result<void>();
  };
  const auto response = asking.send(std::move(request));
  REQUIRE(response.ok());
  CHECK(status == 200);
  CHECK(taken == content);
  CHECK(response->body.empty());
}

TEST_CASE("who takes the answer can end the request") {
  ScriptedServer server([](Peer& peer) {
    peer.read();
    peer.write("HTTP/1.1 200 OK\r\n\r\nendless");
    peer.awaitEnd();
  });
  Asking asking;
  const auto enough = [](auto&&) { return Result<void>(Error(ErrorKind::kCancelled, "enough")); };
  ClientRequest by_body = Asking::to(server.url());
  by_body.on_body = enough;
  const auto first = asking.send(std::move(by_body));
  REQUIRE(!first.ok());
  CHECK(first.error().message() == "enough");
  ClientRequest by_head = Asking::to(server.url());
  by_head.on_head = enough;
  const auto second = asking.send(std::move(by_head));
  REQUIRE(!second.ok());
  CHECK(second.error().message() == "enough");
}

TEST_CASE("an answer that comes before all is sent ends the sending") {
  const auto refusedBy = [](const ScriptedServer::Script& script) {
    ScriptedServer server(script);
    Asking asking;
    ClientRequest request = Asking::to(server.url(), "POST");
    request.body = largeBody();
    const auto response = asking.send(std::move(request));
    REQUIRE(response.ok());
    CHECK(response->status == 413);
  };
  refusedBy([](Peer& peer) {
    peer.readHead();
    peer.answer("413 Too Large", "no");
    while (!peer.endsWithin(1000)) {
    }
  });
  refusedBy([](Peer& peer) {
    peer.readHead();
    peer.answer("413 Too Large", "no");
  });
}

TEST_CASE("a unix socket can be talked to") {
  const TempFolder folder;
  ScriptedServer server(echo, folder.path() / "socket");
  Asking asking;
  for (const char* text : {"one", "two"}) {
    ClientRequest request = Asking::to("http://localhost/v1", "POST");
    request.unix_socket = folder.path() / "socket";
    request.body.push_back(BodyPart{text, {}, 0, 0});
    const auto response = asking.send(std::move(request));
    REQUIRE(response.ok());
    CHECK(response->body == text);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a unix socket that cannot be is an error") {
  const TempFolder folder;
  Asking asking;
  ClientRequest request = Asking::to("http://localhost/");
  request.unix_socket = folder.path() / "missing";
  CHECK(!asking.send(std::move(request)).ok());
  ClientRequest longer = Asking::to("http://localhost/");
  longer.unix_socket = "/" + std::string(200, 'a');
  const auto response = asking.send(std::move(longer));
  REQUIRE(!response.ok());
  CHECK(response.error().kind() == ErrorKind::kInvalid);
}

TEST_CASE("a URL or a header that cannot be is refused before anything is sent") {
  ScriptedServer server(echo);
  Asking asking;
  CHECK(asking.get("ftp://host/").error().kind() == ErrorKind::kInvalid);
  ClientRequest request = Asking::to(server.url());
  request.headers = {{"Filename", "a\r\nX: y"}};
  CHECK(asking.send(std::move(request)).error().kind() == ErrorKind::kInvalid);
  CHECK(server.connections() == 0);
}
