#include "api/wire/routes.hpp"

#include "api/wire/verb.hpp"

namespace tango::api {

void addWireRoutes(http::Router& router, const Service& service) {
  router.add("GET", "/", [](http::Request&) -> http::awaitable<http::Response> {
    http::Response response;
    response.content_type = "text/html; charset=UTF-8";
    response.body = "Hello, world! RESTful Tango here!\n";
    co_return response;
  });
  wire::addCourselabVerbs(router, service);
  wire::addJobVerbs(router, service);
  wire::addListVerbs(router, service);
  wire::addOutputVerbs(router, service);
  wire::addPoolVerbs(router, service);
}

}  // namespace tango::api
