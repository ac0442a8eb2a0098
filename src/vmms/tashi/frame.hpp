// What RPyC 3 sends messages in: their size (four bytes, big-endian), whether zlib made them
// smaller (one byte), the message, and a '\n' that does not count.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::vmms::tashi {

inline constexpr std::size_t kFrameHeadBytes = 5;
/// On the wire, and when it is inflated.
inline constexpr std::size_t kFrameBytesMax = 16 << 20;
inline constexpr std::size_t kMessageBytesMax = 64 << 20;

struct FrameHead {
  std::uint32_t size = 0;  ///< of the message as it is sent, without the '\n'
  bool compressed = false;
};

/// kSystem: no frame begins so, or it is larger than kFrameBytesMax.
base::Result<FrameHead> readFrameHead(const std::array<unsigned char, kFrameHeadBytes>& head);

/// The message of a frame, from what follows its head, the '\n' included. kSystem: another byte
/// stands there, or what zlib made is broken or larger than kMessageBytesMax.
base::Result<std::string> messageOf(const FrameHead& head, std::string_view body);

/// A whole frame; never compressed, which every RPyC takes.
[[nodiscard]] std::string frameOf(std::string_view message);

}  // namespace tango::vmms::tashi
