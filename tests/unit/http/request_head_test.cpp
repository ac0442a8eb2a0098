#include "http/request_head.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using tango::base::ErrorKind;
using tango::http::HeadScan;
using tango::http::kHeadersMax;
using tango::http::parseHead;

namespace {

std::string head(const std::string& headers) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

}  // namespace

TEST_CASE("a head's end is found wherever it was cut on its way") {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody";
  const std::size_t end = bytes.size() - 4;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    HeadScan scan;
    const auto first = scan.find(std::string_view(bytes).substr(0, cut));
    REQUIRE(first.ok());
    CHECK(*first == (cut >= end ? end : 0));
    const auto second = scan.find(bytes);
    REQUIRE(second.ok());
    CHECK(*second == end);
  }
}

TEST_CASE("bytes that can be no head are refused before they end") {
  const std::vector<std::string> all = {
      "\x16\x03\x01\x02",                      // TLS
      "\n",                                    //
      "GET / HTTP/1.1\n",                      // a bare LF
      "GET / HTTP/1.1\r\nHost: h\nA: b\r\n",   //
      "GET / HTTP/1.1\r\nA: b\r\n c: d\r\n",   // a folded line
      "GET / HTTP/1.1\r\n A: b\r\n",           //
      "GET / HTTP/1.1\r\nA: b\r\n\tc: d\r\n",  //
  };
  for (const std::string& bytes : all) {
    CAPTURE(bytes);
    HeadScan scan;
    const auto end = scan.find(bytes);
    REQUIRE(!end.ok());
    CHECK(end.error().kind() == ErrorKind::kInvalid);
  }
}

TEST_CASE("a head is taken apart") {
  const auto parsed =
      parseHead("HEAD /a%20b?c HTTP/1.1\r\nHost: h\r\nFileName:  lab \xC3\xA9 \r\nX:\r\n\r\n");
  REQUIRE(parsed.ok());
  CHECK(parsed->request.method == "GET");
  CHECK(parsed->is_head);
  CHECK(parsed->request.target == "/a%20b?c");
  CHECK(parsed->request.header("filename") == "lab \xC3\xA9");
  CHECK(parsed->request.header("x") == "");
  CHECK(!parsed->request.header("y"));
  CHECK(parsed->keep_alive);
  CHECK(!parsed->body.chunked);
  CHECK(parsed->body.length == 0);
}

TEST_CASE("the connection is kept as the version and the client have it") {
  CHECK(parseHead("GET / HTTP/1.1\r\n\r\n")->keep_alive);
  CHECK(!parseHead("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")->keep_alive);
  CHECK(!parseHead("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  CHECK(parseHead("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")->keep_alive);
}

TEST_CASE("a body's length is taken from its header") {
  CHECK(parseHead(head("Content-Length: 12\r\n"))->body.length == 12);
  CHECK(parseHead(head("Transfer-Encoding: Chunked\r\n"))->body.chunked);
  CHECK(parseHead(head("Content-Length: 1\r\nExpect: 100-Continue\r\n"))->expects_continue);
  CHECK(!parseHead("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")->expects_continue);
}

TEST_CASE("a body whose length could be read in two ways is refused") {
  const std::vector<std::string> all = {
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: \r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Content-Length : 5\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, gzip\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: \x0b"
      "chunked\r\n",
      "Transfer-Encoding: chunked;q=1\r\n",
      "Transfer-Encoding:\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Host: other\r\n",
  };
  for (const std::string& headers : all) {
    CAPTURE(headers);
    const auto parsed = parseHead(head(headers));
    REQUIRE(!parsed.ok());
    CHECK(parsed.error().kind() == ErrorKind::kInvalid);
  }
  CHECK(!parseHead("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").ok());
}

TEST_CASE("what is not HTTP/1 is refused") {
  const std::string nul(1, '\0');
  const std::vector<std::string> all = {
      "GET / HTTP/2.0\r\n\r\n",
      "GET / HTTP/0.9\r\n\r\n",
      "GET / HTTP/1.2\r\n\r\n",
      "GET / http/1.1\r\n\r\n",
      "GET /\r\n\r\n",
      "GET\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1 \r\n\r\n",
      "GET /a b HTTP/1.1\r\n\r\n",
      "GET /" + nul + " HTTP/1.1\r\n\r\n",
      "GET /\r HTTP/1.1\r\n\r\n",
      "G\x80T / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nA\r\n\r\n",
      "GET / HTTP/1.1\r\n: b\r\n\r\n",
      "GET / HTTP/1.1\r\nA b: c\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b" + nul + "c\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\r\n",
      "",
  };
  for (const std::string& bytes : all) {
    CAPTURE(bytes);
    const auto parsed = parseHead(bytes);
    REQUIRE(!parsed.ok());
    CHECK(parsed.error().kind() == ErrorKind::kInvalid);
  }
}

TEST_CASE("the number of headers is bounded") {
  std::string headers;
  for (std::size_t count = 1; count < kHeadersMax; ++count) {
    headers += "A: b\r\n";
  }
  CHECK(parseHead(head(headers)).ok());
  const auto parsed = parseHead(head(headers + "A: b\r\n"));
  REQUIRE(!parsed.ok());
  CHECK(parsed.error().kind() == ErrorKind::kTooLarge);
}
