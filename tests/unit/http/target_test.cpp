#include "http/target.hpp"

#include <doctest/doctest.h>

using tango::base::ErrorKind;
using tango::http::parseTarget;
using Segments = std::vector<std::string>;

TEST_CASE("a path is cut before it is decoded") {
  CHECK(parseTarget("/open/K/a%2Fb")->segments == Segments{"open", "K", "a/b"});
  CHECK(parseTarget("/%2e%2E/%25")->segments == Segments{"..", "%"});
  CHECK(parseTarget("/a+b/%C3%A9/\xC3\xA9")->segments == Segments{"a+b", "\xC3\xA9", "\xC3\xA9"});
}

TEST_CASE("a trailing slash adds no segment and a doubled one does") {
  CHECK(parseTarget("/")->segments.empty());
  CHECK(parseTarget("/a")->segments == Segments{"a"});
  CHECK(parseTarget("/a/")->segments == Segments{"a"});
  CHECK(parseTarget("/a//")->segments == Segments{"a", ""});
  CHECK(parseTarget("//a")->segments == Segments{"", "a"});
}

TEST_CASE("a query is kept as it is") {
  const auto parsed = parseTarget("/a/?b=%zz/&c?d");
  REQUIRE(parsed.ok());
  CHECK(parsed->segments == Segments{"a"});
  CHECK(parsed->query == "b=%zz/&c?d");
}

TEST_CASE("a target in absolute form is taken for its path") {
  CHECK(parseTarget("http://host:3000/a/b?c")->segments == Segments{"a", "b"});
  CHECK(parseTarget("https://host")->segments.empty());
  CHECK(parseTarget("http://host?a/b")->segments.empty());
}

TEST_CASE("a bad target is refused") {
  for (const char* target :
       {"", "*", "a", "host:80", "/%", "/%4", "/%4/1", "/%g0", "/%0g", "/%00", "/a%00b", "/%ff",
        "/%C3", "/%C3/%A9", "/%ED%A0%80", "/%C0%AF", "/\xff", "?a"}) {
    CAPTURE(target);
    const auto parsed = parseTarget(target);
    REQUIRE(!parsed.ok());
    CHECK(parsed.error().kind() == ErrorKind::kInvalid);
  }
}
