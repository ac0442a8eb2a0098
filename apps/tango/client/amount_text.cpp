#include "tango/client/amount_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "base/clock.hpp"
#include "model/limits.hpp"

namespace tango::client {
namespace {

constexpr double kMinute = 60;
constexpr double kHour = 60 * kMinute;
constexpr double kDay = 24 * kHour;

template <class... Arguments>
std::string text(const char* format, Arguments... arguments) {
  std::array<char, 128> line{};
  std::snprintf(line.data(), line.size(), format, arguments...);
  return line.data();
}

std::string twoParts(double seconds, double large, const char* large_name, double small,
                     const char* small_name) {
  const double whole = std::floor(seconds / large);
  const double rest = std::floor((seconds - whole * large) / small);
  return text("%.0f %s %.0f %s", whole, large_name, rest, small_name);
}

}  // namespace

std::string sizeText(double bytes) {
  const auto unit = [](std::uint64_t size) { return static_cast<double>(size); };
  if (bytes < unit(model::kKiB)) {
    return text("%.0f bytes", bytes);
  }
  if (bytes < unit(model::kMiB)) {
    return text("%.1f KiB", bytes / unit(model::kKiB));
  }
  if (bytes < unit(model::kGiB)) {
    return text("%.1f MiB", bytes / unit(model::kMiB));
  }
  return text("%.2f GiB", bytes / unit(model::kGiB));
}

std::string durationText(double seconds) {
  constexpr double kMillisPerSecond = 1000;
  if (seconds < 0.01) {
    return text("%.1f ms", seconds * kMillisPerSecond);
  }
  if (seconds < 1) {
    return text("%.0f ms", seconds * kMillisPerSecond);
  }
  if (seconds < kMinute) {
    return text("%.1f s", seconds);
  }
  if (seconds < kHour) {
    return twoParts(seconds, kMinute, "min", 1, "s");
  }
  if (seconds < kDay) {
    return twoParts(seconds, kHour, "h", kMinute, "min");
  }
  return twoParts(seconds, kDay, "d", kHour, "h");
}

std::string numberText(double number) {
  return text("%g", number);
}

std::optional<std::int64_t> unixMillisOf(const std::string& time) {
  std::tm parts{};
  double second = 0;
  char zone = 0;
  if (std::sscanf(time.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf%c", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &second, &zone) != 7 ||
      zone != 'Z' || !(second >= 0 && second < 61)) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  constexpr double kMillisPerSecond = 1000;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000 +
         std::llround(second * kMillisPerSecond);
}

std::string localTime(const std::string& time) {
  const std::optional<std::int64_t> millis = unixMillisOf(time);
  if (!millis) {
    return "-";
  }
  const auto when = base::secondsOf(*millis);
  std::tm parts{};
  std::array<char, 64> line{};
  if (::localtime_r(&when, &parts) == nullptr ||
      std::strftime(line.data(), line.size(), "%Y-%m-%d %H:%M:%S", &parts) == 0) {
    return "-";
  }
  return line.data();
}

}  // namespace tango::client
