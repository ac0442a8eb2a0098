// The end of what programs wrote to standard error, for an error's message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tango::vmms::ssh {

class LastWords {
 public:
  static constexpr std::size_t kBytesMax = 2048;

  void append(std::string_view bytes);
  void clear() { kept_.clear(); }

  /// In one line of UTF-8 without control characters, whatever was written.
  [[nodiscard]] std::string text() const;

 private:
  std::string kept_;
};

}  // namespace tango::vmms::ssh
