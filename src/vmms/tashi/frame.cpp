#include "vmms/tashi/frame.hpp"

#include <algorithm>

#include <zlib.h>

#include "base/assert.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kPieceBytes = 64 << 10;

Error bad(const char* why) {
  return {ErrorKind::kSystem, std::string("it does not speak RPyC 3: ") + why};
}

/// zlib's state, ended with it.
class Inflation {
 public:
  Inflation() { ready_ = ::inflateInit(&stream_) == Z_OK; }
  ~Inflation() {
    if (ready_) {
      ::inflateEnd(&stream_);
    }
  }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  Result<std::string> inflated(std::string_view bytes) {
    // zlib does not write to what it reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::string message;
    int status = ready_ ? Z_OK : Z_MEM_ERROR;
    while (status == Z_OK && message.size() <= kMessageBytesMax) {
      const std::size_t before = message.size();
      message.resize(before + kPieceBytes);
      stream_.next_out = reinterpret_cast<Bytef*>(message.data() + before);
      stream_.avail_out = static_cast<uInt>(kPieceBytes);
      status = ::inflate(&stream_, Z_NO_FLUSH);
      message.resize(message.size() - stream_.avail_out);
    }
    if (message.size() > kMessageBytesMax) {
      return bad("a message is too large");
    }
    return status == Z_STREAM_END && stream_.avail_in == 0
               ? Result<std::string>(std::move(message))
               : bad("a message is not what zlib makes");
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

Result<FrameHead> readFrameHead(const std::array<unsigned char, kFrameHeadBytes>& head) {
  FrameHead read;
  for (std::size_t at = 0; at < 4; ++at) {
    read.size = read.size << 8 | head.at(at);
  }
  if (head.at(4) > 1) {
    return bad("what it sends begins as no message does");
  }
  if (read.size > kFrameBytesMax) {
    return bad("a message is too large");
  }
  read.compressed = head.at(4) == 1;
  return read;
}

Result<std::string> messageOf(const FrameHead& head, std::string_view body) {
  TANGO_ASSERT(body.size() == head.size + std::size_t{1}, "a frame of another size");
  if (body.back() != '\n') {
    return bad("a message ends as none does");
  }
  body.remove_suffix(1);
  return head.compressed ? Inflation().inflated(body) : Result<std::string>(std::string(body));
}

std::string frameOf(std::string_view message) {
  TANGO_ASSERT(message.size() <= kFrameBytesMax, "a message beyond what a frame holds");
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(message.size() >> shift & 0xffU));
  }
  frame.push_back('\0');
  return frame.append(message) + "\n";
}

}  // namespace tango::vmms::tashi
