// Characters of ASCII, whatever the locale says.
#pragma once

#include <string>
#include <string_view>

namespace tango::base {

/// C0 and DEL.
[[nodiscard]] constexpr bool isControl(char each) {
  return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
}

/// A letter in lower case; every other byte as it is.
[[nodiscard]] constexpr char lower(char each) {
  return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
}

[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string all(text);
  for (char& each : all) {
    each = lower(each);
  }
  return all;
}

}  // namespace tango::base
