#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "notify/host_list.hpp"
#include "notify/notifier.hpp"

using tango::base::ErrorKind;
using tango::notify::checkCallbackUrl;
using tango::notify::isAllowed;

TEST_CASE("without a list every host may be called back") {
  CHECK(isAllowed("anything.test", {}));
  CHECK(checkCallbackUrl("https://front.test/scores?key=1", {}).ok());
  CHECK(checkCallbackUrl("http://192.0.2.1:3000/", {}).ok());
}

TEST_CASE("a listed name is that name alone, in any case") {
  const std::vector<std::string> list = {"Front.Example.edu"};
  CHECK(isAllowed("front.example.EDU", list));
  for (const char* host : {"example.edu", "a.front.example.edu", "front.example.edu.evil.test",
                           "xfront.example.edu", "front.example.ed", ""}) {
    CAPTURE(host);
    CHECK(!isAllowed(host, list));
  }
}

TEST_CASE("a leading star is any subdomain") {
  const std::vector<std::string> list = {"*.example.edu"};
  CHECK(isAllowed("a.example.edu", list));
  CHECK(isAllowed("a.b.example.edu", list));
  for (const char* host :
       {"example.edu", ".example.edu", "evilexample.edu", "a.example.edu.evil"}) {
    CAPTURE(host);
    CHECK(!isAllowed(host, list));
  }
}

TEST_CASE("a listed address is that address however it is written") {
  const std::vector<std::string> list = {"192.0.2.1", "2001:DB8:0::1"};
  CHECK(isAllowed("192.0.2.1", list));
  CHECK(isAllowed("2001:db8::1", list));
  CHECK(!isAllowed("192.0.2.10", list));
  CHECK(!isAllowed("2001:db8::2", list));
  CHECK(checkCallbackUrl("http://[2001:db8:0:0::1]:3000/", list).ok());
  CHECK(!checkCallbackUrl("http://[::ffff:192.0.2.2]/", list).ok());
}

TEST_CASE("a callback URL that cannot be is refused without its secrets") {
  for (const std::string url :
       {"", "front.test", "ftp://front.test/secret", "http://user:secret@front.test/",
        "http://front.test:0/?key=secret", "http://other.test/?key=secret",
        "http://front.test/\r\nsecret: 1", "file:///etc/secret"}) {
    CAPTURE(url);
    const auto checked = checkCallbackUrl(url, {"front.test"});
    REQUIRE(!checked.ok());
    CHECK(checked.error().kind() == ErrorKind::kInvalid);
    CHECK(checked.error().message().find("callback_url") != std::string::npos);
    CHECK(checked.error().message().find("secret") == std::string::npos);
  }
  CHECK(!checkCallbackUrl("http://front.test/" + std::string(3000, 'a'), {}).ok());
}
