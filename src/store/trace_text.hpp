// A job's trace as one text: its lines, each with its end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tango::store {

/// The lines as one text that may be appended to another. A line's end within a line (a job's name
/// may have one) becomes `\n`, and a backslash two.
[[nodiscard]] std::string traceText(const std::vector<std::string>& lines);
[[nodiscard]] std::vector<std::string> traceLines(std::string_view text);

struct Placeholders {
  std::string_view id;                                  ///< for "%ID%"
  std::optional<std::string_view> name = std::nullopt;  ///< for "%NAME%", where that is one
};

/// `line` with each placeholder of its own replaced; what comes in for one is not looked at again.
[[nodiscard]] std::string filledIn(std::string_view line, Placeholders values);

}  // namespace tango::store
