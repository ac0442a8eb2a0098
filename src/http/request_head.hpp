// The head of a request: where it ends, and what it says. Pure: bytes in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.hpp"

namespace tango::http {

/// Looks for the empty line that ends a head, in bytes that come bit by bit.
class HeadScan {
 public:
  /// `bytes` is all that has come of the head so far. Its length with the empty line, 0: not there
  /// yet. kInvalid: it can be no head, and need not be waited for (a line that ends without CR, a
  /// folded line, a first byte that begins no method: TLS on a plain port).
  Result<std::size_t> find(std::string_view bytes);

 private:
  std::size_t line_ = 0;     ///< where the line begins that has no end yet
  std::size_t scanned_ = 0;  ///< so much was looked at
};

/// How long a body is.
struct BodyFraming {
  bool chunked = false;
  std::uint64_t length = 0;  ///< unless it is chunked
};

struct RequestHead {
  Request request;  ///< method, target and headers; the rest is the session's to fill in
  bool is_head = false;
  bool http_1_0 = false;
  bool keep_alive = false;        ///< as the client wants it
  bool expects_continue = false;  ///< it sends no body before it hears that it shall
  BodyFraming body;
};

inline constexpr std::size_t kHeadersMax = 100;

/// `bytes` is a whole head, as HeadScan finds it. kInvalid: not HTTP/1.0 or 1.1 as RFC 9112 has it,
/// or its body's length is not beyond doubt: Content-Length and Transfer-Encoding together, either
/// of them twice, a coding other than chunked, a length that is no number, two hosts. kTooLarge:
/// more than kHeadersMax headers.
Result<RequestHead> parseHead(std::string_view bytes);

}  // namespace tango::http
