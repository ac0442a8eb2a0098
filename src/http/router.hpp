// Which handler a request goes to. A pattern is "/open/{key}/{lab}": a segment in braces takes any
// one segment. Every route is met with and without a trailing slash.
#pragma once

#include <functional>
#include <map>
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

/// How the server says by itself that a request failed: no such route, say.
using FailureFormat = std::function<Response(int status, std::string_view message)>;

class Router {
 public:
  void add(std::string method, std::string pattern, Handler handler);
  /// A fixed segment beats one in braces. The handler is borrowed from the router.
  [[nodiscard]] std::variant<const Handler*, NoRoute, WrongMethod> find(
      std::string_view method, const std::vector<std::string>& segments) const;
  /// Failures beneath the first segment `root` are told in a format of their own.
  void tellFailures(std::string root, FailureFormat format);
  /// The failure of a request for `target` (undecoded), as its part of the routes tells it.
  [[nodiscard]] Response failureOf(std::string_view target, int status,
                                   std::string_view message) const;
  /// The route of a handler that `find` gave.
  [[nodiscard]] const Route& routeOf(const Handler& handler) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< beside routes_, cut into segments
  std::map<std::string, FailureFormat, std::less<>> formats_;  ///< by first segment
};

}  // namespace tango::http
