// The header Date of answers, written once a second.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace tango::http {

/// `Tue, 24 Nov 2026 10:28:21 GMT`, as RFC 9110, 5.6.7 has it, whatever the locale.
[[nodiscard]] std::string httpDate(std::time_t when);

class DateHeader {
 public:
  /// The time of day's; valid until the next call.
  [[nodiscard]] std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

}  // namespace tango::http
