#include "aws/role_credentials.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json/parse.hpp>

#include "aws/credential_source.hpp"
#include "base/ascii.hpp"

namespace tango::aws {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

// "": it is absent, or no string.
std::string textOf(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

// A code is a word of letters; anything else is not shown.
std::string shownCode(const std::string& code) {
  constexpr std::size_t kCodeMax = 64;
  const bool word = code.size() <= kCodeMax && std::all_of(code.begin(), code.end(), [](char each) {
                      return base::lower(each) >= 'a' && base::lower(each) <= 'z';
                    });
  return word ? code : "an unknown code";
}

// The number that `text` begins with and no sign, taken off it with what follows: `digits` of it,
// then `mark`. -1: it does not begin so.
int takeNumber(std::string_view& text, std::size_t digits, char mark) {
  if (text.size() <= digits || text[digits] != mark) {
    return -1;
  }
  int number = 0;
  for (const char each : text.substr(0, digits)) {
    if (each < '0' || each > '9') {
      return -1;
    }
    number = number * 10 + (each - '0');
  }
  text.remove_prefix(digits + 1);
  return number;
}

bool isFraction(std::string_view text) {
  return text.size() > 1 && text.ends_with('Z') &&
         std::all_of(text.begin(), text.end() - 1,
                     [](char each) { return each >= '0' && each <= '9'; });
}

}  // namespace

std::optional<std::int64_t> parseIsoUtc(std::string_view text) {
  const int year = takeNumber(text, 4, '-');
  const int month = takeNumber(text, 2, '-');
  const int day = takeNumber(text, 2, 'T');
  const int hour = takeNumber(text, 2, ':');
  const int minute = takeNumber(text, 2, ':');
  const char mark = text.size() > 2 ? text[2] : '\0';
  const int second = takeNumber(text, 2, mark);
  if (mark == 'Z' ? !text.empty() : mark != '.' || !isFraction(text)) {
    return std::nullopt;
  }
  if (std::min({year, month, day, hour, minute, second}) < 0 || hour > 23 || minute > 59 ||
      second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) {
    return std::nullopt;
  }
  const std::chrono::seconds at = std::chrono::sys_days(date).time_since_epoch() +
                                  std::chrono::hours(hour) + std::chrono::minutes(minute) +
                                  std::chrono::seconds(second);
  return at.count();
}

Result<Credentials> parseRoleCredentials(std::string_view text, const std::string& place) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(text, failure);
  if (failure || !parsed.is_object()) {
    return Error(ErrorKind::kSystem, place + ": its answer is no JSON object");
  }
  const json::object& object = parsed.get_object();
  const std::string code = textOf(object, "Code");
  if (!code.empty() && code != "Success") {
    return Error(ErrorKind::kInvalid, place + ": it is refused (" + shownCode(code) + ")");
  }
  Result<std::optional<Credentials>> made =
      completed({textOf(object, "AccessKeyId"), textOf(object, "SecretAccessKey"),
                 textOf(object, "Token"), parseIsoUtc(textOf(object, "Expiration"))},
                {"AccessKeyId", "SecretAccessKey", "Token"}, place);
  if (!made) {
    return Error(ErrorKind::kSystem, made.error().message());
  }
  if (!made->has_value() || (*made)->session_token.empty() || !(*made)->expires) {
    return Error(ErrorKind::kSystem, place + ": its answer has not all parts of credentials");
  }
  return **std::move(made);
}

}  // namespace tango::aws
