// A stream whose other end is a script: what it sends is given, what it gets is kept.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "async/byte_stream.hpp"
#include "async/event.hpp"

namespace tango::test {

class ScriptedStream final : public async::ByteStream {
 public:
  /// It sends `sends`, at most `at_once` bytes a read, and then ends, or is silent.
  ScriptedStream(const boost::asio::any_io_executor& executor, std::string sends,
                 std::size_t at_once = std::string::npos, bool silent = false)
      : sends_(std::move(sends)), at_once_(at_once), silent_(silent), closed_(executor) {}

  boost::asio::awaitable<base::Result<void>> write(std::string_view bytes) override {
    got_ += bytes;
    co_return base::Result<void>();
  }
  boost::asio::awaitable<base::Result<std::size_t>> readSome(char* room,
                                                             std::size_t size) override {
    if (sends_.empty() && silent_) {
      co_await closed_.wait();
    }
    if (closed_.isSet()) {
      co_return base::Error(base::ErrorKind::kCancelled, "closed");
    }
    const std::size_t taken = std::min({size, at_once_, sends_.size()});
    std::memcpy(room, sends_.data(), taken);
    sends_.erase(0, taken);
    co_return taken;
  }
  void close() override { closed_.set(); }

  [[nodiscard]] const std::string& got() const { return got_; }

 private:
  std::string sends_;
  std::size_t at_once_;
  bool silent_;
  std::string got_;
  async::Event closed_;
};

}  // namespace tango::test
