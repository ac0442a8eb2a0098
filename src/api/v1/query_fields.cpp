#include "api/v1/query_fields.hpp"

#include <charconv>

#include <boost/url/parse_query.hpp>

#include "base/utf8.hpp"

namespace tango::api::v1 {

QueryFields::QueryFields(std::string_view query) {
  if (query.empty()) {
    return;
  }
  const auto parsed = boost::urls::parse_query(query);
  if (!parsed) {
    problem_ = badField("", "the query string is not one: a bad percent escape or character");
    return;
  }
  for (const auto& parameter : *parsed) {
    boost::urls::encoding_opts plus_is_space;
    plus_is_space.space_as_plus = true;
    std::string name = parameter.key.decode(plus_is_space);
    std::string value = parameter.value.decode(plus_is_space);
    if (base::replaceInvalidUtf8(value) != value) {
      fail(name, "is not UTF-8");
    }
    if (!values_.emplace(name, std::move(value)).second) {
      fail(name, "comes twice");
    }
  }
}

void QueryFields::fail(std::string_view name, std::string_view detail) {
  if (!problem_) {
    problem_ = badField(std::string(name), std::string(name) + " " + std::string(detail));
  }
}

std::optional<std::string> QueryFields::text(std::string_view name) {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    return std::nullopt;
  }
  std::string value = std::move(found->second);
  values_.erase(found);
  return value;
}

std::optional<std::uint64_t> QueryFields::whole(std::string_view name, std::uint64_t min,
                                                std::uint64_t max) {
  const std::optional<std::string> value = text(name);
  if (!value) {
    return std::nullopt;
  }
  const std::optional<std::uint64_t> number = wholeNumber(*value, min, max);
  if (!number) {
    fail(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return number;
}

std::optional<Problem> QueryFields::finish() {
  if (!problem_ && !values_.empty()) {
    fail(values_.begin()->first, "is not a parameter that is known here");
  }
  return problem_;
}

std::optional<std::uint64_t> wholeNumber(std::string_view text, std::uint64_t min,
                                         std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < min || number > max) {
    return std::nullopt;
  }
  return number;
}

}  // namespace tango::api::v1
