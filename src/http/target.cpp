#include "http/target.hpp"

#include <optional>

#include "base/hex.hpp"
#include "base/utf8.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<std::string> decoded(std::string_view segment) {
  std::string text;
  text.reserve(segment.size());
  for (std::size_t at = 0; at < segment.size(); ++at) {
    if (segment[at] != '%') {
      text.push_back(segment[at]);
      continue;
    }
    const auto high = at + 2 < segment.size() ? base::hexDigit(segment[at + 1]) : std::nullopt;
    const auto low = at + 2 < segment.size() ? base::hexDigit(segment[at + 2]) : std::nullopt;
    if (!high || !low) {
      return Error(ErrorKind::kInvalid, "the path has a bad percent escape");
    }
    text.push_back(static_cast<char>(*high * 16 + *low));
    at += 2;
  }
  if (text.find('\0') != std::string::npos) {
    return Error(ErrorKind::kInvalid, "the path has a NUL in it");
  }
  if (base::replaceInvalidUtf8(text) != text) {
    return Error(ErrorKind::kInvalid, "the path is not UTF-8");
  }
  return text;
}

}  // namespace

Result<Target> parseTarget(std::string_view target) {
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const std::size_t end = target.find_first_of("/?", target.find("//") + 2);
    target = end == std::string_view::npos ? "/" : target.substr(end);
    if (target.starts_with('?')) {
      return Target{{}, std::string(target.substr(1))};
    }
  }
  if (!target.starts_with('/')) {
    return Error(ErrorKind::kInvalid, "the request's target is not a path");
  }
  Target parsed;
  const std::size_t question = target.find('?');
  if (question != std::string_view::npos) {
    parsed.query = target.substr(question + 1);
    target = target.substr(0, question);
  }
  target.remove_prefix(1);
  while (!target.empty()) {
    const std::size_t slash = target.find('/');
    Result<std::string> segment = decoded(target.substr(0, slash));
    if (!segment) {
      return segment.error();
    }
    parsed.segments.push_back(*std::move(segment));
    target = slash == std::string_view::npos ? "" : target.substr(slash + 1);
  }
  return parsed;
}

}  // namespace tango::http
