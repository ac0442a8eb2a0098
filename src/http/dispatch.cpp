#include "http/dispatch.hpp"

#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "http/answer.hpp"
#include "http/target.hpp"

namespace tango::http {
namespace {

Response broken(const Router& router, const Handler& handler, const Request& request,
                const std::string& how) {
  const Route& route = router.routeOf(handler);
  base::logError("http: " + route.method + " " + route.pattern + ": " + how);
  return router.failureOf(request.target, 500, "internal error");
}

awaitable<Response> answerOf(const Router& router, const Handler& handler, Request& request) {
  std::string how;
  std::function<void()> sent;
  try {
    Response response = co_await handler(request);
    if (isSendable(response)) {
      co_return response;
    }
    how = "the answer has a header of more than one line";
    sent = std::move(response.sent);
  } catch (const std::exception& error) {
    how = std::string("threw: ") + error.what();
  } catch (...) {
    how = "threw what is no exception";
  }
  Response response = broken(router, handler, request, how);
  response.sent = std::move(sent);
  co_return response;
}

}  // namespace

awaitable<Response> answerTo(const Router& router, Request& request) {
  Result<Target> target = parseTarget(request.target);
  if (!target) {
    co_return router.failureOf(request.target, 400, target.error().message());
  }
  request.segments = std::move(target->segments);
  request.query = std::move(target->query);
  const auto found = router.find(request.method, request.segments);
  if (std::holds_alternative<NoRoute>(found)) {
    co_return router.failureOf(request.target, 404, "there is no such route");
  }
  if (const auto* wrong = std::get_if<WrongMethod>(&found)) {
    Response response = router.failureOf(request.target, 405, "this route takes " + wrong->allowed);
    response.headers.emplace_back("Allow", wrong->allowed);
    co_return response;
  }
  Response response = co_await answerOf(router, *std::get<const Handler*>(found), request);
  co_return response;
}

}  // namespace tango::http
