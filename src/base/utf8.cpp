#include "base/utf8.hpp"

#include <cstdint>

namespace tango::base {
namespace {

unsigned byteAt(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

bool isContinuation(unsigned byte) {
  return (byte & 0xC0U) == 0x80U;
}

// The length of the well-formed sequence at the beginning of `bytes`; 0 if there is none. The
// bounds of the second byte are RFC 3629's table.
std::size_t sequenceLength(std::string_view bytes) {
  const unsigned first = byteAt(bytes, 0);
  const unsigned second = byteAt(bytes, 1);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return isContinuation(second) ? 2 : 0;
  }
  const bool third = isContinuation(byteAt(bytes, 2));
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return second >= low && second <= high && third ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high && third && isContinuation(byteAt(bytes, 3)) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string replaceInvalidUtf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequenceLength(bytes);
    if (length == 0) {
      text += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

}  // namespace tango::base
