// Python's string literals.
#pragma once

#include <string>
#include <string_view>

namespace tango::config::python {

struct StringLiteral {
  std::string value;
  std::string unreadable;  ///< why it has no value that we could know; "" if it has one
  std::size_t end = 0;     ///< behind its last quote, or where the text or the line ends before one
  std::size_t newlines = 0;  ///< in it
};

/// The literal in `text` whose prefix begins at `begin` and whose first quote is at `quote`.
StringLiteral readString(std::string_view text, std::size_t begin, std::size_t quote);

}  // namespace tango::config::python
