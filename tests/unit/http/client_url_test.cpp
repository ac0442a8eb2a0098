#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "http/client.hpp"

using tango::base::ErrorKind;
using tango::http::parseUrl;
using tango::http::Url;

namespace {

Url parsed(const std::string& text) {
  const auto url = parseUrl(text);
  REQUIRE_MESSAGE(url.ok(), text);
  return *url;
}

}  // namespace

TEST_CASE("a URL has a scheme, a host, a port and a target") {
  const Url full = parsed("https://Front.Example.edu:8443/courses/15213?key=%2Fa&b=c#part");
  CHECK(full.tls);
  CHECK(full.host == "front.example.edu");
  CHECK(full.port == 8443);
  CHECK(full.target == "/courses/15213?key=%2Fa&b=c");
}

TEST_CASE("the port and the path of a URL may be left out") {
  CHECK(parsed("http://host").port == 80);
  CHECK(parsed("HTTPS://host:/").port == 443);
  CHECK(parsed("http://host").target == "/");
  CHECK(parsed("http://host?a=b").target == "/?a=b");
}

TEST_CASE("a URL's host may be an address") {
  CHECK(parsed("http://127.0.0.1:3000/").host == "127.0.0.1");
  CHECK(parsed("http://[::1]:3000/").host == "::1");
  CHECK(parsed("http://my_container-1:3000/").host == "my_container-1");
}

TEST_CASE("what is no URL to call is refused without being repeated") {
  const std::vector<std::string> all = {
      "",
      "/path",
      "host/path",
      "http:",
      "http://",
      "http:///path",
      "http:opaque",
      "ftp://secret/",
      "file:///etc/secret",
      "unix:/secret",
      "http://secret@host/",
      "http://user:secret@host/",
      "http://@host/",
      "http://host:0/",
      "http://host:65536/",
      "http://host:99999999999999999999/",
      "http://host:8o/",
      "http://host:-1/",
      "http://host:80secret",
      "http://1.2.3.4secret/",
      "http://ho st/",
      "http://host/a b",
      "http://host/secret\r\nHost: other",
      "http://host/\x01",
      "http://host\r\n/",
      std::string("http://host/\0secret", 19),
      "http://ho%0d%0ast/",
      "http://ho%00st/",
      "http://host%2fsecret/",
      "http://h\xc3\xb6st/",
      "http://[::1/",
      "http://[v1.secret]/",
      "http://[::1%25eth0]/",
      "http://" + std::string(254, 'a') + "/",
      "http://host/" + std::string(9000, 'a'),
      " http://host/",
      "http://host/ ",
  };
  for (const std::string& text : all) {
    CAPTURE(text);
    const auto url = parseUrl(text);
    REQUIRE(!url.ok());
    CHECK(url.error().kind() == ErrorKind::kInvalid);
    CHECK(url.error().message().find("secret") == std::string::npos);
  }
}
