#include "vmms/tashi/pickle_text.hpp"

#include <cstdint>
#include <optional>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error badText(const char* why) {
  return {ErrorKind::kSystem, std::string("a pickle with a text that ") + why};
}

// So many hexadecimal digits at the beginning of `text`; nothing: there are fewer.
std::optional<std::uint32_t> hexNumber(std::string_view text, std::size_t digits) {
  if (text.size() < digits) {
    return std::nullopt;
  }
  std::uint32_t number = 0;
  for (const char each : text.substr(0, digits)) {
    const std::optional<unsigned> digit = base::hexDigit(each);
    if (!digit) {
      return std::nullopt;
    }
    number = number * 16 + *digit;
  }
  return number;
}

constexpr bool isOctal(char each) {
  return each >= '0' && each <= '7';
}

// The byte of an octal escape, whose digits are taken off `rest`. As in Python, only its lowest
// eight bits count.
char octal(std::string_view& rest) {
  unsigned number = 0;
  for (int digit = 0; digit < 3 && !rest.empty() && isOctal(rest.front()); ++digit) {
    number = number * 8 + static_cast<unsigned>(rest.front() - '0');
    rest.remove_prefix(1);
  }
  return static_cast<char>(number & 0xffU);
}

// What the escape stands for that `rest` begins with, behind its backslash; it is taken off.
Result<std::string> escaped(std::string_view& rest) {
  constexpr std::string_view kNames = "\\'\"abfnrtv";
  constexpr std::string_view kBytes = "\\'\"\a\b\f\n\r\t\v";
  if (rest.empty()) {
    return badText("ends in an escape");
  }
  if (isOctal(rest.front())) {
    return std::string(1, octal(rest));
  }
  const char name = rest.front();
  rest.remove_prefix(1);
  if (name == 'x') {
    const std::optional<std::uint32_t> byte = hexNumber(rest, 2);
    if (!byte) {
      return badText("has a bad escape");
    }
    rest.remove_prefix(2);
    return std::string(1, static_cast<char>(*byte));
  }
  const std::size_t known = kNames.find(name);
  return known == std::string_view::npos ? std::string{'\\', name} : std::string(1, kBytes[known]);
}

void appendUtf8(std::string& text, std::uint32_t point) {
  const auto append = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    append(point);
  } else if (point < 0x800) {
    append(0xc0U | (point >> 6));
    append(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    append(0xe0U | (point >> 12));
    append(0x80U | ((point >> 6) & 0x3fU));
    append(0x80U | (point & 0x3fU));
  } else {
    append(0xf0U | (point >> 18));
    append(0x80U | ((point >> 12) & 0x3fU));
    append(0x80U | ((point >> 6) & 0x3fU));
    append(0x80U | (point & 0x3fU));
  }
}

constexpr bool isHighHalf(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
constexpr bool isLowHalf(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

// The character, or half of one, that `rest` begins with; it is taken off.
Result<std::uint32_t> nextUnit(std::string_view& rest) {
  const bool short_escape = rest.starts_with("\\u");
  if (!short_escape && !rest.starts_with("\\U")) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    return std::uint32_t{byte};
  }
  const std::size_t digits = short_escape ? 4 : 8;
  const std::optional<std::uint32_t> unit = hexNumber(rest.substr(2), digits);
  if (!unit || *unit > 0x10ffff) {
    return badText("has a bad escape");
  }
  rest.remove_prefix(2 + digits);
  return *unit;
}

}  // namespace

Result<std::string> unquoted(std::string_view literal) {
  const bool fits = literal.size() >= 2 && (literal.front() == '\'' || literal.front() == '"') &&
                    literal.back() == literal.front();
  if (!fits) {
    return badText("is not in quotes");
  }
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string bytes;
  while (!rest.empty()) {
    const char each = rest.front();
    rest.remove_prefix(1);
    if (each != '\\') {
      bytes.push_back(each);
      continue;
    }
    const Result<std::string> byte = escaped(rest);
    if (!byte) {
      return byte.error();
    }
    bytes += *byte;
  }
  return bytes;
}

Result<std::string> utf8OfRawUnicode(std::string_view line) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  std::string text;
  std::uint32_t high = 0;  // half a character, whose other half is awaited
  while (!line.empty()) {
    const Result<std::uint32_t> unit = nextUnit(line);
    if (!unit) {
      return unit.error();
    }
    if (isLowHalf(*unit)) {
      appendUtf8(text,
                 high == 0 ? kReplacement : 0x10000 + ((high - 0xd800) << 10) + (*unit - 0xdc00));
      high = 0;
      continue;
    }
    if (high != 0) {
      appendUtf8(text, kReplacement);
    }
    high = isHighHalf(*unit) ? *unit : 0;
    if (high == 0) {
      appendUtf8(text, *unit);
    }
  }
  if (high != 0) {
    appendUtf8(text, kReplacement);
  }
  return text;
}

std::string quoted(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string literal = "'";
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '\\' || each == '\'') {
      literal += {'\\', each};
    } else if (base::isControl(each) || byte >= 0x80) {
      literal += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xfU]};
    } else {
      literal.push_back(each);
    }
  }
  return literal + "'";
}

}  // namespace tango::vmms::tashi
