#include "http/chunked_body.hpp"

#include <optional>

#include "base/assert.hpp"
#include "base/hex.hpp"

namespace tango::http {
namespace {

// A length of so many bits stays a length.
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 58U;

bool isText(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code == '\t' || (code >= 0x20 && code != 0x7f);
}

}  // namespace

base::Result<std::size_t> ChunkedBody::skipFraming(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::kData && state_ != State::kDone) {
    state_ = next(bytes[at]);
    if (state_ == State::kBroken) {
      return base::Error(base::ErrorKind::kInvalid, "the body is not in the chunked coding");
    }
    ++at;
  }
  return at;
}

void ChunkedBody::took(std::uint64_t bytes) {
  TANGO_ASSERT(bytes <= available(), "more data than the chunk has");
  left_ -= bytes;
  if (left_ == 0) {
    state_ = State::kDataCr;
  }
}

ChunkedBody::State ChunkedBody::afterDigit(char byte) {
  const std::optional<unsigned> digit = base::hexDigit(byte);
  if (!digit || left_ >= kSizeMax || ++line_bytes_ > kLineBytesMax) {
    return State::kBroken;
  }
  left_ = left_ * 16 + *digit;
  return State::kSize;
}

ChunkedBody::State ChunkedBody::afterSizeLine() {
  line_bytes_ = 0;
  return left_ > 0 ? State::kData : State::kTrailerBegin;
}

ChunkedBody::State ChunkedBody::next(char byte) {
  switch (state_) {
    case State::kSizeBegin:
      left_ = 0;
      return afterDigit(byte);
    case State::kSize:
      if (byte == '\r') {
        return State::kSizeLf;
      }
      return byte == ';' ? State::kExtension : afterDigit(byte);
    case State::kExtension:
      if (byte == '\r') {
        return State::kSizeLf;
      }
      return isText(byte) && ++line_bytes_ <= kLineBytesMax ? State::kExtension : State::kBroken;
    case State::kSizeLf:
      return byte == '\n' ? afterSizeLine() : State::kBroken;
    case State::kDataCr:
      return byte == '\r' ? State::kDataLf : State::kBroken;
    case State::kDataLf:
      return byte == '\n' ? State::kSizeBegin : State::kBroken;
    case State::kTrailerBegin:
      if (byte == '\r') {
        return State::kEndLf;
      }
      [[fallthrough]];
    case State::kTrailer:
      if (byte == '\r') {
        return State::kTrailerLf;
      }
      return isText(byte) && ++trailer_bytes_ <= kTrailerBytesMax ? State::kTrailer
                                                                  : State::kBroken;
    case State::kTrailerLf:
      return byte == '\n' ? State::kTrailerBegin : State::kBroken;
    case State::kEndLf:
      return byte == '\n' ? State::kDone : State::kBroken;
    case State::kData:
    case State::kDone:
    case State::kBroken:
      break;
  }
  return State::kBroken;
}

}  // namespace tango::http
