// Bytes both ways between two ends, whatever carries them: a connection that has left HTTP behind,
// the standard streams of a program.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"

namespace tango::async {

/// One write and one read may be under way at once; both can be cancelled (terminal), and the
/// stream is then of no use any more. It is destroyed when nothing is under way.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// Writes all of `bytes`, which outlive the call. kSystem: the other end is gone.
  virtual boost::asio::awaitable<base::Result<void>> write(std::string_view bytes) = 0;
  /// Reads at least one byte into `room`, which outlives the call, and returns how many; 0: the
  /// other end has ended. kSystem: the connection is broken.
  virtual boost::asio::awaitable<base::Result<std::size_t>> readSome(char* room,
                                                                     std::size_t size) = 0;
  /// Ends both directions: calls under way fail soon with kCancelled, later ones at once.
  virtual void close() = 0;
};

}  // namespace tango::async
