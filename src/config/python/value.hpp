// The value of a Python constant, and what can be reckoned with such values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tango::config::python {

struct None {
  friend bool operator==(const None&, const None&) = default;
};
struct Value;
/// A list or a tuple.
using List = std::vector<Value>;
struct Dict {
  List items;  ///< keys and values by turns
};

struct Value {
  std::variant<None, bool, std::int64_t, double, std::string, List, Dict> of;

  /// Null: it is something else.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&of);
  }
};

/// A file of constants has no larger ones; more is somebody's attempt to fill our memory.
inline constexpr std::size_t kWeightMax = 10'000;
/// How much a value holds: bytes and elements, all the way down.
[[nodiscard]] std::size_t weightOf(const Value& value);

/// As Python's bool(): 0, "", None and empty lists are false.
[[nodiscard]] bool isTrue(const Value& value);
/// A number's literal. Absent: it is none, or does not fit 64 bits.
[[nodiscard]] std::optional<Value> numberOf(std::string_view literal);
/// `one op other` for + - * / // % **, numbers, and + for strings and lists. Absent: Python would
/// not, or the result does not fit 64 bits or kWeightMax.
[[nodiscard]] std::optional<Value> reckon(const Value& one, std::string_view op,
                                          const Value& other);
/// -value; absent: it is no number.
[[nodiscard]] std::optional<Value> negated(const Value& value);

}  // namespace tango::config::python
