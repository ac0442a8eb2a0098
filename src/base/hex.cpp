#include "base/hex.hpp"

#include <array>
#include <cerrno>
#include <string_view>

#include <sys/random.h>

#include "base/assert.hpp"

namespace tango::base {
namespace {

// So many come whole or not at all (getrandom(2)).
constexpr std::size_t kRandomBytesMax = 256;

}  // namespace

std::string hexOf(std::span<const unsigned char> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

Result<std::string> randomHex(std::size_t bytes) {
  TANGO_ASSERT(bytes <= kRandomBytesMax, "random bytes that may come in part");
  std::array<unsigned char, kRandomBytesMax> room{};
  if (::getrandom(room.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    return systemError(errno, "getrandom");
  }
  return hexOf(std::span(room).first(bytes));
}

}  // namespace tango::base
