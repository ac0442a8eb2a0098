// A hexadecimal digit's value.
#pragma once

#include <optional>

namespace tango::http {

/// Nothing if `digit` is none; either case.
[[nodiscard]] constexpr std::optional<unsigned> hexDigit(char digit) {
  if (digit >= '0' && digit <= '9') {
    return static_cast<unsigned>(digit - '0');
  }
  if (digit >= 'a' && digit <= 'f') {
    return static_cast<unsigned>(digit - 'a') + 10;
  }
  if (digit >= 'A' && digit <= 'F') {
    return static_cast<unsigned>(digit - 'A') + 10;
  }
  return std::nullopt;
}

}  // namespace tango::http
