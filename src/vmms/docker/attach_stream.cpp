#include "vmms/docker/attach_stream.hpp"

#include <algorithm>
#include <array>

#include "vmms/docker/engine_json.hpp"

namespace tango::vmms::docker {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;

namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kWordsMax = 400;

}  // namespace

awaitable<Result<void>> AttachStream::write(std::string_view bytes) {
  return connection_->write(bytes);
}

// False: the stream has ended.
awaitable<Result<bool>> AttachStream::nextFrame() {
  std::array<unsigned char, kHeaderBytes> header{};
  for (std::size_t have = 0; have < header.size();) {
    const Result<std::size_t> got = co_await connection_->readSome(
        reinterpret_cast<char*>(header.data()) + have, header.size() - have);
    if (!got) {
      co_return got.error();
    }
    if (*got == 0) {
      co_return false;
    }
    have += *got;
  }
  if (header[0] > static_cast<unsigned char>(Stream::kErr)) {
    co_return Error(ErrorKind::kSystem, "the engine sent a frame of no stream");
  }
  stream_ = static_cast<Stream>(header[0]);
  left_ = 0;
  for (std::size_t i = 4; i < header.size(); ++i) {
    left_ = left_ << 8 | header[i];
  }
  co_return true;
}

awaitable<Result<void>> AttachStream::takeWords() {
  std::array<char, kWordsMax> room{};
  while (left_ > 0) {
    const Result<std::size_t> got =
        co_await connection_->readSome(room.data(), std::min<std::size_t>(room.size(), left_));
    if (!got) {
      co_return got.error();
    }
    if (*got == 0) {
      left_ = 0;
      co_return Result<void>();
    }
    left_ -= static_cast<std::uint32_t>(*got);
    words_.append(room.data(), *got);
    words_.erase(0, words_.size() - std::min(words_.size(), kWordsMax));
  }
  co_return Result<void>();
}

Result<std::size_t> AttachStream::end() const {
  return words_.empty() ? Result<std::size_t>(0)
                        : Error(ErrorKind::kSystem, "the container said: " + errorWords(words_));
}

awaitable<Result<std::size_t>> AttachStream::readSome(char* room, std::size_t size) {
  for (;;) {
    while (left_ == 0) {
      const Result<bool> more = co_await nextFrame();
      if (!more) {
        co_return more.error();
      }
      if (!*more) {
        co_return end();
      }
    }
    if (stream_ == Stream::kErr) {
      const Result<void> taken = co_await takeWords();
      if (!taken) {
        co_return taken.error();
      }
      continue;
    }
    const Result<std::size_t> got =
        co_await connection_->readSome(room, std::min<std::size_t>(size, left_));
    if (!got) {
      co_return got.error();
    }
    if (*got == 0) {
      co_return end();
    }
    left_ -= static_cast<std::uint32_t>(*got);
    co_return *got;
  }
}

}  // namespace tango::vmms::docker
