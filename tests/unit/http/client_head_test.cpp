#include "http/client_head.hpp"

#include <utility>
#include <vector>

#include <doctest/doctest.h>

using tango::base::ErrorKind;
using tango::http::BodyPart;
using tango::http::ClientRequest;
using tango::http::headOf;
using tango::http::parseUrl;

namespace {

std::string headFor(const ClientRequest& request) {
  const auto head = headOf(request, *parseUrl(request.url));
  REQUIRE(head.ok());
  return *head;
}

}  // namespace

TEST_CASE("the head of a request has the target, the host and the headers given") {
  ClientRequest request;
  request.url = "http://host:8080/a?b=c";
  request.headers = {{"Filename", "J\xc3\xb6hn's file.txt"}, {"Accept", "*/*"}};
  CHECK(headFor(request) ==
        "GET /a?b=c HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: tango\r\n"
        "Filename: J\xc3\xb6hn's file.txt\r\nAccept: */*\r\n\r\n");
}

TEST_CASE("the usual port is not in the Host header and an IPv6 address stands in brackets") {
  ClientRequest request;
  request.url = "https://[::1]:443/";
  CHECK(headFor(request).find("\r\nHost: [::1]\r\n") != std::string::npos);
  request.url = "https://[::1]:80/";
  CHECK(headFor(request).find("\r\nHost: [::1]:80\r\n") != std::string::npos);
}

TEST_CASE("the length of a body is announced, and that there is none where one is foreseen") {
  ClientRequest request;
  request.url = "http://host/";
  for (const char* method : {"GET", "HEAD", "DELETE"}) {
    request.method = method;
    CHECK(headFor(request).find("Content-Length") == std::string::npos);
  }
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    request.method = method;
    CHECK(headFor(request).find("\r\nContent-Length: 0\r\n") != std::string::npos);
  }
  request.body.push_back(BodyPart{"four", {}, 0, 0});
  request.body.push_back(BodyPart{"three", {}, 0, 0});
  CHECK(headFor(request).find("\r\nContent-Length: 9\r\n") != std::string::npos);
}

TEST_CASE("what would break out of a request's head is refused") {
  ClientRequest request;
  request.url = "http://host/";
  for (const char* method : {"", "GET /\r\n", "G ET", "G\xc3\xa9T"}) {
    request.method = method;
    const auto head = headOf(request, *parseUrl(request.url));
    REQUIRE(!head.ok());
    CHECK(head.error().kind() == ErrorKind::kInvalid);
  }
  request.method = "GET";
  const std::vector<std::pair<std::string, std::string>> all = {
      {"Filename", "a\r\nHost: other"},
      {"Filename", "a\nb"},
      {"Filename", std::string("a\0b", 3)},
      {"Filename", "a\x1b[2J"},
      {"Filename", "\x7f"},
      {"", "a"},
      {"A B", "a"},
      {"A:", "a"},
      {"A\r\nB", "a"},
      {"Host", "other"},
      {"hOST", "other"},
      {"Content-Length", "5"},
      {"Transfer-Encoding", "chunked"},
      {"Connection", "close"}};
  for (const auto& header : all) {
    CAPTURE(header.first);
    request.headers = {header};
    const auto head = headOf(request, *parseUrl(request.url));
    REQUIRE(!head.ok());
    CHECK(head.error().kind() == ErrorKind::kInvalid);
  }
}
