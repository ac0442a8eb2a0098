// Hexadecimal digits, both ways.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"

namespace tango::base {

/// A digit's value; nothing if `digit` is none. Either case.
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

/// Two digits a byte, in lower case.
[[nodiscard]] std::string hexOf(std::span<const unsigned char> bytes);

/// So many random bytes, at most 256, as hexOf writes them: for a name that nobody else has, or a
/// secret. The error is getrandom(2)'s.
Result<std::string> randomHex(std::size_t bytes);

}  // namespace tango::base
