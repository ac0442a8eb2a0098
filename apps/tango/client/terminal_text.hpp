// Text that others wrote, shown to a person: what would steer the terminal (escape sequences, other
// control characters, marks that turn the direction of writing) is shown as what it is.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace tango::client {

/// `text` on one line: every control character, line ends and tabs too, becomes \xHH or \uHHHH, and
/// every byte that is not UTF-8 U+FFFD.
[[nodiscard]] std::string onOneLine(std::string_view text);

/// The same, but line ends, tabs and carriage returns stay.
[[nodiscard]] std::string printable(std::string_view text);

/// How many columns a terminal needs for `text`, an answer of onOneLine: one a character.
[[nodiscard]] std::size_t columnsOf(std::string_view text);

/// Whether `stream` shows what is written to a person.
[[nodiscard]] bool isTerminal(std::FILE* stream);

/// `tango: MESSAGE` as one line on stderr.
void tell(std::string_view message);

/// Prints a stream of bytes piece by piece: as they are, or `printable` if a person sees them.
class BytesPrinter {
 public:
  /// `stream` is borrowed.
  explicit BytesPrinter(std::FILE* stream);

  void print(std::string_view piece);
  /// Prints what may have been the beginning of a character, and on a terminal ends the last line.
  void finish();

 private:
  std::FILE* stream_;
  bool terminal_;
  bool line_open_ = false;
  std::string begun_;  ///< the first bytes of a character whose rest is still to come
};

}  // namespace tango::client
