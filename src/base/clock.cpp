#include "base/clock.hpp"

#include <array>

namespace tango::base {
namespace {

// The names are C's own, whatever the locale: clients parse them.
std::string format(const std::tm& parts) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s %s %2d %02d:%02d:%02d %d",
                kDays.at(static_cast<std::size_t>(parts.tm_wday)),
                kMonths.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_mday, parts.tm_hour,
                parts.tm_min, parts.tm_sec, parts.tm_year + 1900);
  return text.data();
}

}  // namespace

std::string ctimeUtc(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  return format(parts);
}

std::string ctimeLocal(std::time_t when) {
  std::tm parts{};
  ::localtime_r(&when, &parts);
  return format(parts);
}

std::string isoUtc(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

}  // namespace tango::base
