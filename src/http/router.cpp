#include "http/router.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "http/answer.hpp"

namespace tango::http {
namespace {

bool isParameter(std::string_view segment) {
  return segment.starts_with('{');
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) {
    return false;
  }
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (!isParameter(pattern[at]) && pattern[at] != segments[at]) {
      return false;
    }
  }
  return true;
}

// Both fit the same path; the first segment in which they differ in kind decides.
bool isMoreFixed(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  for (std::size_t at = 0; at < one.size(); ++at) {
    if (isParameter(one[at]) != isParameter(other[at])) {
      return !isParameter(one[at]);
    }
  }
  return false;
}

std::vector<std::string> cut(std::string_view pattern) {
  std::vector<std::string> segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t slash = pattern.find('/');
    if (const std::string_view segment = pattern.substr(0, slash); !segment.empty()) {
      segments.emplace_back(segment);
    }
    pattern = slash == std::string_view::npos ? "" : pattern.substr(slash);
  }
  return segments;
}

// HEAD is answered wherever GET is.
void allowMethod(const std::string& method, std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), method) == allowed.end()) {
    allowed.push_back(method);
    if (method == "GET") {
      allowed.emplace_back("HEAD");
    }
  }
}

std::string joined(const std::vector<std::string>& methods) {
  std::string text;
  for (const std::string& method : methods) {
    text += (text.empty() ? "" : ", ") + method;
  }
  return text;
}

}  // namespace

void Router::add(std::string method, std::string pattern, Handler handler) {
  TANGO_ASSERT(pattern.starts_with('/'), "a route's pattern begins with '/'");
  patterns_.push_back(cut(pattern));
  routes_.push_back({std::move(method), std::move(pattern), std::move(handler)});
}

std::variant<const Handler*, NoRoute, WrongMethod> Router::find(
    std::string_view method, const std::vector<std::string>& segments) const {
  const Route* best = nullptr;
  const std::vector<std::string>* best_pattern = nullptr;
  std::vector<std::string> allowed;
  for (std::size_t at = 0; at < routes_.size(); ++at) {
    if (!fits(patterns_[at], segments)) {
      continue;
    }
    if (routes_[at].method != method) {
      allowMethod(routes_[at].method, allowed);
      continue;
    }
    if (best == nullptr || isMoreFixed(patterns_[at], *best_pattern)) {
      best = &routes_[at];
      best_pattern = &patterns_[at];
    }
  }
  if (best != nullptr) {
    return &best->handler;
  }
  if (!allowed.empty()) {
    return WrongMethod{joined(allowed)};
  }
  return NoRoute{};
}

const Route& Router::routeOf(const Handler& handler) const {
  const auto found = std::find_if(routes_.begin(), routes_.end(), [&handler](const Route& route) {
    return &route.handler == &handler;
  });
  TANGO_ASSERT(found != routes_.end(), "a handler of another router");
  return *found;
}

void Router::tellFailures(std::string root, FailureFormat format) {
  formats_.insert_or_assign(std::move(root), std::move(format));
}

Response Router::failureOf(std::string_view target, int status, std::string_view message) const {
  target.remove_prefix(std::min<std::size_t>(1, target.size()));
  const auto format = formats_.find(target.substr(0, target.find_first_of("/?")));
  return format == formats_.end() ? failure(status, message) : format->second(status, message);
}

}  // namespace tango::http
