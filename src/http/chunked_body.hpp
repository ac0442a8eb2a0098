// The chunked coding of a body (RFC 9112, 7.1), taken apart byte by byte: nothing of it is kept,
// however long it is and however it was cut on its way.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace tango::http {

class ChunkedBody {
 public:
  /// Of the chunk lines with their extensions, and of the trailers in all: so many bytes.
  static constexpr std::uint64_t kLineBytesMax = 1024;
  static constexpr std::uint64_t kTrailerBytesMax = 8 * 1024;

  /// Takes what comes before the data that is next, and returns how much of `bytes` that was. What
  /// follows is data: `available()` bytes of it, or the body has ended, or `bytes` were too few.
  /// kInvalid: not the chunked coding. Extensions and trailers are read and dropped.
  base::Result<std::size_t> skipFraming(std::string_view bytes);

  /// So many bytes of data are next.
  [[nodiscard]] std::uint64_t available() const { return state_ == State::kData ? left_ : 0; }
  /// Of these, so many were taken.
  void took(std::uint64_t bytes);
  [[nodiscard]] bool done() const { return state_ == State::kDone; }

 private:
  enum class State {
    kSizeBegin,
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerBegin,
    kTrailer,
    kTrailerLf,
    kEndLf,
    kDone,
    kBroken,
  };

  State next(char byte);
  State afterDigit(char byte);
  State afterSizeLine();

  State state_ = State::kSizeBegin;
  std::uint64_t left_ = 0;  ///< of the chunk
  std::uint64_t line_bytes_ = 0;
  std::uint64_t trailer_bytes_ = 0;
};

}  // namespace tango::http
