#include "config/python/value.hpp"

#include <charconv>
#include <cmath>

namespace tango::config::python {
namespace {

using Maybe = std::optional<Value>;

Maybe whole(bool overflow, std::int64_t value) {
  return overflow ? Maybe() : Maybe(Value{value});
}

Maybe real(double value) {
  return std::isfinite(value) ? Maybe(Value{value}) : Maybe();
}

Maybe power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) {
    return base == 0 ? Maybe()
                     : real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  std::int64_t value = 1;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(value, base, &value)) {
      return std::nullopt;
    }
    if (value == 0 || value == 1) {  // 0 and 1 to any power, in no time
      return Maybe(Value{value});
    }
    if (value == -1 && base == -1) {
      return Maybe(Value{static_cast<std::int64_t>(exponent % 2 == 1 ? -1 : 1)});
    }
  }
  return Maybe(Value{value});
}

// Towards minus infinity, as Python's // and % are.
Maybe floored(std::int64_t one, std::int64_t other, bool remainder) {
  if (other == 0 || (one == INT64_MIN && other == -1)) {
    return std::nullopt;
  }
  const bool down = one % other != 0 && (one % other < 0) != (other < 0);
  return Value{remainder ? one % other + (down ? other : 0) : one / other - (down ? 1 : 0)};
}

Maybe wholeNumbers(std::int64_t one, std::string_view op, std::int64_t other) {
  std::int64_t value = 0;
  if (op == "+") {
    return whole(__builtin_add_overflow(one, other, &value), value);
  }
  if (op == "-") {
    return whole(__builtin_sub_overflow(one, other, &value), value);
  }
  if (op == "*") {
    return whole(__builtin_mul_overflow(one, other, &value), value);
  }
  if (op == "//" || op == "%") {
    return floored(one, other, op == "%");
  }
  if (op == "**") {
    return power(one, other);
  }
  return op == "/" && other != 0 ? real(static_cast<double>(one) / static_cast<double>(other))
                                 : Maybe();
}

Maybe reals(double one, std::string_view op, double other) {
  if (op == "+") {
    return real(one + other);
  }
  if (op == "-") {
    return real(one - other);
  }
  if (op == "*") {
    return real(one * other);
  }
  if (op == "/") {
    return real(one / other);
  }
  return op == "//" ? real(std::floor(one / other)) : Maybe();
}

std::optional<std::int64_t> wholeOf(const Value& value) {
  if (const auto* const flag = value.as<bool>()) {
    return *flag ? 1 : 0;
  }
  const auto* const number = value.as<std::int64_t>();
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<double> realOf(const Value& value) {
  if (const auto* const number = value.as<double>()) {
    return *number;
  }
  const auto number = wholeOf(value);
  return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
}

}  // namespace

std::size_t weightOf(const Value& value) {
  std::size_t weight = 1;
  if (const auto* const text = value.as<std::string>()) {
    weight += text->size();
  } else if (const auto* const list = value.as<List>()) {
    for (const Value& item : *list) {
      weight += weightOf(item);
    }
  } else if (const auto* const dict = value.as<Dict>()) {
    for (const Value& item : dict->items) {
      weight += weightOf(item);
    }
  }
  return weight;
}

bool isTrue(const Value& value) {
  if (const auto number = realOf(value)) {
    return *number != 0;
  }
  if (const auto* const text = value.as<std::string>()) {
    return !text->empty();
  }
  if (const auto* const list = value.as<List>()) {
    return !list->empty();
  }
  const auto* const dict = value.as<Dict>();
  return dict != nullptr && !dict->items.empty();
}

std::optional<Value> numberOf(std::string_view literal) {
  std::string digits;
  for (const char c : literal) {
    if (c != '_') {
      digits += c;
    }
  }
  static constexpr std::pair<std::string_view, int> kBases[] = {
      {"0x", 16}, {"0X", 16}, {"0o", 8}, {"0O", 8}, {"0b", 2}, {"0B", 2}, {"", 10}};
  for (const auto& [prefix, base] : kBases) {
    if (!digits.starts_with(prefix)) {
      continue;
    }
    const char* const begin = digits.data() + prefix.size();
    const char* const end = digits.data() + digits.size();
    std::int64_t value = 0;
    if (const auto [stop, failure] = std::from_chars(begin, end, value, base);
        failure == std::errc() && stop == end && *begin != '-') {
      return Value{value};
    }
    double number = 0;
    const auto [stop, failure] = std::from_chars(begin, end, number);
    const bool decimal = base == 10 && digits.find_first_of(".eE") != std::string::npos;
    return decimal && failure == std::errc() && stop == end ? real(number) : Maybe();
  }
  return std::nullopt;
}

std::optional<Value> reckon(const Value& one, std::string_view op, const Value& other) {
  if (const auto left = wholeOf(one), right = wholeOf(other); left && right) {
    return wholeNumbers(*left, op, *right);
  }
  if (const auto left = realOf(one), right = realOf(other); left && right) {
    return reals(*left, op, *right);
  }
  if (op != "+" || weightOf(one) + weightOf(other) > kWeightMax) {
    return std::nullopt;
  }
  if (const auto *left = one.as<std::string>(), *right = other.as<std::string>();
      left != nullptr && right != nullptr) {
    return Value{*left + *right};
  }
  if (const auto *left = one.as<List>(), *right = other.as<List>();
      left != nullptr && right != nullptr) {
    List both = *left;
    both.insert(both.end(), right->begin(), right->end());
    return Value{std::move(both)};
  }
  return std::nullopt;
}

std::optional<Value> negated(const Value& value) {
  if (const auto number = wholeOf(value)) {
    return wholeNumbers(0, "-", *number);
  }
  const auto number = realOf(value);
  return number ? real(-*number) : Maybe();
}

}  // namespace tango::config::python
