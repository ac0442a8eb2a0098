// The bytes of one connection, both ways, each step under the connection's deadline. Written once
// for TCP, TLS and any other stream of Asio's.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "async/io_deadline.hpp"
#include "http/message.hpp"

namespace tango::http {

template <class Stream>
inline constexpr bool kIsTls = false;
template <class Socket>
inline constexpr bool kIsTls<boost::asio::ssl::stream<Socket>> = true;

template <class Stream>
class Wire {
 public:
  /// `buffer_max`: so many bytes are read ahead at most.
  Wire(Stream stream, std::size_t buffer_max)
      : stream_(std::move(stream)),
        buffer_(buffer_max),
        deadline_(stream_.get_executor(), [this] { socket().cancel(ignored_); }) {
    socket().non_blocking(true, ignored_);
  }

  [[nodiscard]] async::IoDeadline& deadline() { return deadline_; }

  /// What was read and not yet taken.
  [[nodiscard]] std::string_view pending() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }
  void take(std::size_t bytes) { buffer_.consume(bytes); }

  /// TLS's: true if it succeeded before the deadline.
  awaitable<bool> handshake() {
    const auto [failure] =
        co_await stream_.async_handshake(boost::asio::ssl::stream_base::server, kAsTuple);
    co_return !failure && !deadline_.passed();
  }

  /// Reads more into what is pending: how much; 0: the client sends no more. kTimeout: the deadline
  /// passed; kSystem: the connection broke.
  awaitable<Result<std::size_t>> readAhead() {
    const std::size_t room = std::min(kReadBytes, buffer_.max_size() - buffer_.size());
    const auto [failure, got] = co_await stream_.async_read_some(buffer_.prepare(room), kAsTuple);
    buffer_.commit(got);
    co_return outcome(failure, got);
  }

  /// Reads what is not pending straight into `room`; as readAhead.
  awaitable<Result<std::size_t>> readInto(std::span<char> room) {
    const auto [failure, got] =
        co_await stream_.async_read_some(boost::asio::buffer(room.data(), room.size()), kAsTuple);
    co_return outcome(failure, got);
  }

  /// Hands to the kernel what it takes at once: how much that was. 0 over TLS, which has to wait.
  std::size_t writeNow(std::string_view bytes) {
    if constexpr (kIsTls<Stream>) {
      return 0;
    } else {
      boost::system::error_code failure;
      const std::size_t sent = stream_.write_some(boost::asio::buffer(bytes), failure);
      return failure ? 0 : sent;
    }
  }

  /// False: the client took nothing for `progress_timeout`, or the connection broke.
  awaitable<bool> write(std::string_view bytes, std::chrono::milliseconds progress_timeout) {
    while (!bytes.empty()) {
      deadline_.set(progress_timeout);
      const auto [failure, sent] =
          co_await stream_.async_write_some(boost::asio::buffer(bytes), kAsTuple);
      if (failure) {
        co_return false;
      }
      bytes.remove_prefix(sent);
    }
    co_return true;
  }

  /// Ends the connection from this side, and reads for a moment what the client still sends:
  /// closing over unread bytes would reset the connection and take the answer with it.
  awaitable<void> finish() {
    deadline_.set(kLinger);
    if constexpr (kIsTls<Stream>) {
      static_cast<void>(co_await stream_.async_shutdown(kAsTuple));
    }
    boost::system::error_code failed;
    socket().shutdown(boost::asio::socket_base::shutdown_send, failed);
    std::array<char, 16 * 1024> piece;  // NOLINT(*-member-init): only thrown away
    for (std::uint64_t read = 0; !failed && !deadline_.passed() && read < kLingerBytesMax;) {
      const auto [failure, got] =
          co_await transport().async_read_some(boost::asio::buffer(piece), kAsTuple);
      failed = failure;
      read += got;
    }
    cut();
  }

  /// Closes it at once; what is waited for fails.
  void cut() { socket().close(ignored_); }

 private:
  static constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);
  static constexpr std::size_t kReadBytes = 8 * 1024;
  static constexpr std::chrono::milliseconds kLinger{2'000};
  static constexpr std::uint64_t kLingerBytesMax = 64ULL * 1024 * 1024;

  auto& socket() { return stream_.lowest_layer(); }
  auto& transport() {
    if constexpr (kIsTls<Stream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  Result<std::size_t> outcome(const boost::system::error_code& failure, std::size_t got) const {
    if (!failure) {
      return got;
    }
    if (deadline_.passed()) {
      return base::Error(base::ErrorKind::kTimeout, "the request came too slowly");
    }
    if (failure == boost::asio::error::eof ||
        failure == boost::asio::ssl::error::stream_truncated) {
      return std::size_t{0};
    }
    return base::Error(base::ErrorKind::kSystem, "the connection broke: " + failure.message());
  }

  Stream stream_;
  boost::beast::flat_buffer buffer_;
  async::IoDeadline deadline_;
  boost::system::error_code ignored_;
};

}  // namespace tango::http
