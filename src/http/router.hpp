// Which handler a request goes to. A pattern is "/open/{key}/{lab}": a segment in braces takes any
// one segment. Every route is met with and without a trailing slash.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/message.hpp"

namespace tango::http {

struct NoRoute {};
/// The path is known, the method is not.
struct WrongMethod {
  std::string allowed;  ///< "GET, HEAD, POST": the answer's header Allow
};

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
};

class Router {
 public:
  void add(std::string method, std::string pattern, Handler handler);
  /// A fixed segment beats one in braces. The handler is borrowed from the router.
  [[nodiscard]] std::variant<const Handler*, NoRoute, WrongMethod> find(
      std::string_view method, const std::vector<std::string>& segments) const;
  /// The route of a handler that `find` gave.
  [[nodiscard]] const Route& routeOf(const Handler& handler) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< beside routes_, cut into segments
};

}  // namespace tango::http
