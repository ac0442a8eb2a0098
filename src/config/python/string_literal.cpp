#include "config/python/string_literal.hpp"

#include <cctype>
#include <charconv>

namespace tango::config::python {
namespace {

void appendUtf8(std::string& bytes, std::uint32_t code) {
  const auto add = [&bytes](std::uint32_t byte) { bytes += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

class StringReader {
 public:
  StringReader(std::string_view text, std::size_t begin, std::size_t quote)
      : text_(text), at_(quote) {
    for (const char c : text.substr(begin, quote - begin)) {
      const int letter = std::tolower(static_cast<unsigned char>(c));
      raw_ |= letter == 'r';
      if (letter == 'f') {
        literal_.unreadable = "an f-string";
      } else if (letter == 'b') {
        literal_.unreadable = "bytes";
      }
    }
  }

  StringLiteral read() && {
    const char quote = text_[at_];
    const bool triple = text_.substr(at_, 3) == std::string(3, quote);
    const std::string end(triple ? 3 : 1, quote);
    at_ += end.size();
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
      if (text_[at_] == '\n' && !triple) {
        break;
      }
      one();
    }
    if (text_.substr(at_).starts_with(end)) {
      at_ += end.size();
    } else {
      literal_.unreadable = "a string without an end";
    }
    literal_.end = at_;
    return std::move(literal_);
  }

 private:
  // One character, or one escape.
  void one() {
    const char c = text_[at_++];
    if (c == '\\' && at_ < text_.size()) {
      escape();
      return;
    }
    literal_.newlines += c == '\n' ? 1 : 0;
    literal_.value += c;
  }

  void escape() {
    const char c = text_[at_++];
    literal_.newlines += c == '\n' ? 1 : 0;
    if (raw_) {  // the backslash stays, and still keeps a quote from ending the string
      literal_.value += {'\\', c};
      return;
    }
    static constexpr std::string_view kLetters = "\\'\"abfnrtv";
    static constexpr std::string_view kValues = "\\'\"\a\b\f\n\r\t\v";
    const std::size_t known = kLetters.find(c);
    if (c == '\n') {
      return;
    }
    if (known != std::string_view::npos) {
      literal_.value += kValues[known];
    } else if (c >= '0' && c <= '7') {
      --at_;
      code(8, 1, 3);
    } else if (c == 'x') {
      code(16, 2, 2);
    } else if (c == 'u') {
      code(16, 4, 4);
    } else if (c == 'U') {
      code(16, 8, 8);
    } else if (c == 'N') {
      literal_.unreadable = "a character by its name";
    } else {
      literal_.value += {'\\', c};
    }
  }

  // A character by its number of `min` to `max` digits.
  void code(int base, std::size_t min, std::size_t max) {
    const std::string_view digits = text_.substr(at_, max);
    std::uint32_t value = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    const auto read = static_cast<std::size_t>(end - digits.data());
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (failure != std::errc() || read < min || value > 0x10FFFF || surrogate) {
      literal_.unreadable = "a character that does not exist";
      return;
    }
    at_ += read;
    appendUtf8(literal_.value, value);
  }

  std::string_view text_;
  std::size_t at_;
  bool raw_ = false;
  StringLiteral literal_;
};

}  // namespace

StringLiteral readString(std::string_view text, std::size_t begin, std::size_t quote) {
  return StringReader(text, begin, quote).read();
}

}  // namespace tango::config::python
