// Brine, in which RPyC writes its messages: the part of it that calls of Tashi's need.
// rpyc/core/brine.py of RPyC 3.1 and of Debian's python3-rpyc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace tango::vmms::tashi {

struct Brine;
struct BrineNone {};
using BrineTuple = std::vector<Brine>;

/// A text is bytes of any kind; a unicode is UTF-8.
struct Brine {
  std::variant<BrineNone, bool, std::int64_t, double, std::string, BrineTuple> is;

  /// Null: it is something else.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&is);
  }
  /// A tuple's items, if it has so many; null: it is something else.
  [[nodiscard]] const BrineTuple* tuple(std::size_t size) const {
    const auto* const items = as<BrineTuple>();
    return items != nullptr && items->size() == size ? items : nullptr;
  }
  [[nodiscard]] bool isNumber(std::int64_t number) const {
    const auto* const mine = as<std::int64_t>();
    return mine != nullptr && *mine == number;
  }
};

/// Tuples within each other.
inline constexpr std::size_t kBrineDepthMax = 32;
inline constexpr std::size_t kBrineValuesMax = 10'000;

/// The one value that `bytes` are. kSystem: they are not, it is beyond a bound, or of a kind that
/// no answer of Tashi's has (slices, sets, complex numbers).
base::Result<Brine> readBrine(std::string_view bytes);

[[nodiscard]] std::string brineNumber(std::int64_t number);
/// A str of Python 2.
[[nodiscard]] std::string brineText(std::string_view bytes);
[[nodiscard]] std::string brineTuple(const std::vector<std::string>& items);

}  // namespace tango::vmms::tashi
