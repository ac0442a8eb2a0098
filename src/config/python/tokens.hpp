// The words of a Python file, in logical lines: enough of the language for a file of constants.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tango::config::python {

enum class TokenKind {
  kName,
  kNumber,
  kString,      ///< text is the string's value
  kOperator,    ///< text is one of Python's, the longest that fits: "**", "+=", "("
  kUnreadable,  ///< an f-string, bytes, an escape by name, a stray character: text says which
};

struct Token {
  TokenKind kind = TokenKind::kUnreadable;
  std::string text;
};

/// One statement: a line with those that it goes on in (brackets, backslash, triple quotes). A
/// semicolon begins another of the same indent.
struct Line {
  std::size_t number = 0;  ///< of its first line in the file, from 1
  std::size_t indent = 0;  ///< columns; a tab goes to the next multiple of 8
  std::vector<Token> tokens;
};

/// Every line that has tokens. Any bytes will do.
std::vector<Line> linesOf(std::string_view text);

}  // namespace tango::config::python
