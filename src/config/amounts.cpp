#include "config/amounts.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace tango::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Both from the largest down, and every one a multiple of the next.
constexpr std::array<Unit, 5> kDurations = {
    Unit{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr std::array<Unit, 5> kSizes = {Unit{"TiB", 1ULL << 40},
                                        {"GiB", 1ULL << 30},
                                        {"MiB", 1ULL << 20},
                                        {"KiB", 1ULL << 10},
                                        {"B", 1}};
constexpr double kMillisMax = 100.0 * 366 * 86'400 * 1'000;
constexpr double kBytesMax = 9.2e18;

struct Amount {
  double number;
  std::string_view unit;
};

// `1.5 GiB`: digits, at most one point, blanks, and what stands behind.
std::optional<Amount> amountOf(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string_view number = text.substr(0, digits);
  double value = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), value,
                                              std::chars_format::fixed);
  if (number.empty() || failure != std::errc() || end != number.data() + number.size()) {
    return std::nullopt;
  }
  std::string_view unit = digits == std::string_view::npos ? "" : text.substr(digits);
  while (unit.starts_with(' ')) {
    unit.remove_prefix(1);
  }
  return Amount{value, unit};
}

bool isShortFor(std::string_view unit, std::string_view name) {
  return unit.size() == 1 && name.size() == 3 && unit[0] == name[0];
}

std::string textOf(std::uint64_t amount, const std::array<Unit, 5>& units) {
  for (const Unit& unit : units) {
    if (amount != 0 && amount % unit.factor == 0) {
      return std::to_string(amount / unit.factor) + std::string(unit.name);
    }
  }
  return "0";
}

}  // namespace

std::optional<base::Millis> durationOf(double seconds) {
  const double millis = std::round(seconds * 1000);
  if (!(millis >= 0) || millis > kMillisMax) {  // NaN too
    return std::nullopt;
  }
  return base::Millis(static_cast<std::int64_t>(millis));
}

std::optional<base::Millis> durationOf(std::string_view text) {
  const std::optional<Amount> amount = amountOf(text);
  if (amount && amount->unit.empty()) {
    return durationOf(amount->number);
  }
  for (const Unit& unit : kDurations) {
    if (amount && amount->unit == unit.name) {
      return durationOf(amount->number * static_cast<double>(unit.factor) / 1000);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> sizeOf(std::string_view text) {
  const std::optional<Amount> amount = amountOf(text);
  for (const Unit& unit : kSizes) {
    const bool same = amount && (amount->unit == unit.name || isShortFor(amount->unit, unit.name) ||
                                 (amount->unit.empty() && unit.factor == 1));
    const double bytes = same ? std::round(amount->number * static_cast<double>(unit.factor)) : -1;
    if (bytes >= 0 && bytes <= kBytesMax) {
      return static_cast<std::uint64_t>(bytes);
    }
  }
  return std::nullopt;
}

std::string durationText(base::Millis duration) {
  return textOf(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::string sizeText(std::uint64_t bytes) {
  return textOf(bytes, kSizes);
}

}  // namespace tango::config
