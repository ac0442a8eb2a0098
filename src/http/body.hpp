// The body of a request, read from its connection as the handler asks for it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "http/chunked_body.hpp"
#include "http/request_head.hpp"
#include "http/wire.hpp"

namespace tango::http {

template <class Stream>
class StreamBody final : public BodyReader {
 public:
  struct Limits {
    std::chrono::milliseconds progress_timeout;
    std::uint64_t bytes_max;
  };

  /// `wire` is borrowed; the head has been taken from it.
  StreamBody(Wire<Stream>& wire, const RequestHead& head, Limits limits)
      : wire_(wire),
        framing_(head.body),
        limits_(limits),
        left_(head.body.length),
        unasked_(head.expects_continue) {}

  [[nodiscard]] std::optional<std::uint64_t> announcedBytes() const override {
    return framing_.chunked ? std::nullopt : std::optional(framing_.length);
  }

  awaitable<Result<std::size_t>> read(std::span<char> room) override {
    if (broken_) {
      co_return *broken_;
    }
    if (done() || room.empty()) {
      co_return std::size_t{0};
    }
    if (unasked_) {
      co_await askForIt();
    }
    wire_.deadline().set(limits_.progress_timeout);
    if (framing_.chunked) {
      Result<void> ready = co_await nextChunk();
      if (!ready) {
        co_return giveUp(ready.error());
      }
      if (done()) {
        wire_.deadline().clear();
        co_return std::size_t{0};
      }
      left_ = chunks_.available();
    }
    room = room.first(static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left_)));
    Result<std::size_t> got = takePending(room);
    if (*got == 0) {
      got = co_await wire_.readInto(room);
    }
    if (!got) {
      co_return giveUp(got.error());
    }
    if (*got == 0) {
      co_return giveUp(endedEarly());
    }
    wire_.deadline().clear();
    count(*got);
    if (taken_ > limits_.bytes_max) {
      co_return giveUp({base::ErrorKind::kTooLarge, "the body is too large"});
    }
    co_return *got;
  }

  /// All of it has been read.
  [[nodiscard]] bool done() const { return framing_.chunked ? chunks_.done() : left_ == 0; }

  /// Whether what is left may be read and thrown away to keep the connection: at most `bytes_max`,
  /// if that is known yet, and the client sends it without being asked.
  [[nodiscard]] bool mayBeDropped(std::uint64_t bytes_max) const {
    return done() || (!broken_ && !unasked_ && (framing_.chunked || left_ <= bytes_max));
  }

 private:
  static base::Error endedEarly() {
    return {base::ErrorKind::kSystem, "the connection ended within the body"};
  }

  Result<std::size_t> giveUp(base::Error error) {
    wire_.deadline().clear();
    broken_.emplace(error);
    return error;
  }

  awaitable<void> askForIt() {
    unasked_ = false;
    // Whoever has sent some of it already waits for nothing. What fails here fails the read too.
    if (wire_.pending().empty()) {
      co_await wire_.write("HTTP/1.1 100 Continue\r\n\r\n", limits_.progress_timeout);
    }
  }

  // Until there is data of a chunk to be taken, or no more chunk.
  awaitable<Result<void>> nextChunk() {
    for (;;) {
      const Result<std::size_t> skipped = chunks_.skipFraming(wire_.pending());
      if (!skipped) {
        co_return skipped.error();
      }
      wire_.take(*skipped);
      if (chunks_.available() > 0 || chunks_.done()) {
        co_return Result<void>();
      }
      const Result<std::size_t> got = co_await wire_.readAhead();
      if (!got) {
        co_return got.error();
      }
      if (*got == 0) {
        co_return endedEarly();
      }
    }
  }

  std::size_t takePending(std::span<char> room) {
    const std::string_view pending = wire_.pending().substr(0, room.size());
    if (!pending.empty()) {
      std::memcpy(room.data(), pending.data(), pending.size());
      wire_.take(pending.size());
    }
    return pending.size();
  }

  void count(std::size_t got) {
    taken_ += got;
    left_ -= got;
    if (framing_.chunked) {
      chunks_.took(got);
    }
  }

  Wire<Stream>& wire_;
  const BodyFraming framing_;
  const Limits limits_;
  ChunkedBody chunks_;
  std::uint64_t left_;  ///< of the body, or of the chunk
  std::uint64_t taken_ = 0;
  bool unasked_;  ///< the client waits to hear whether it shall send it
  std::optional<base::Error> broken_;
};

}  // namespace tango::http
