#include "http/router.hpp"

#include <doctest/doctest.h>

using namespace tango::http;

namespace {

Handler none() {
  return [](Request&) -> awaitable<Response> { co_return Response(); };
}

std::string patternOf(const Router& router, std::string_view method,
                      const std::vector<std::string>& segments) {
  const auto found = router.find(method, segments);
  if (const auto* handler = std::get_if<const Handler*>(&found)) {
    return router.routeOf(**handler).pattern;
  }
  const auto* wrong = std::get_if<WrongMethod>(&found);
  return wrong != nullptr ? "405 " + wrong->allowed : "404";
}

}  // namespace

TEST_CASE("a request goes to the route that fits it best") {
  Router router;
  router.add("GET", "/", none());
  router.add("GET", "/{a}/{b}", none());
  router.add("GET", "/pool/{key}", none());
  router.add("GET", "/pool/{key}/{image}", none());
  CHECK(patternOf(router, "GET", {}) == "/");
  CHECK(patternOf(router, "GET", {"pool", "K"}) == "/pool/{key}");
  CHECK(patternOf(router, "GET", {"pole", "K"}) == "/{a}/{b}");
  CHECK(patternOf(router, "GET", {"pool", "K", "a/b"}) == "/pool/{key}/{image}");
  CHECK(patternOf(router, "GET", {"pool", ""}) == "/pool/{key}");
  CHECK(patternOf(router, "GET", {"pool"}) == "404");
  CHECK(patternOf(router, "GET", {"pool", "K", "i", "more"}) == "404");
}

TEST_CASE("a wrong method hears which ones the path takes") {
  Router router;
  router.add("GET", "/a/{b}", none());
  router.add("GET", "/{a}/b", none());
  router.add("POST", "/a/b", none());
  CHECK(patternOf(router, "PUT", {"a", "b"}) == "405 GET, HEAD, POST");
  CHECK(patternOf(router, "get", {"a", "c"}) == "405 GET, HEAD");
}
