#include "autodriver/tree_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "base/safe_path.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

Error garbled() {
  return {ErrorKind::kSystem, "the process that reads the files sent nonsense"};
}

}  // namespace

void RecordOut::putBytes(const void* bytes, std::size_t size) {
  buffer_.append(static_cast<const char*>(bytes), size);
  if (buffer_.size() >= kChunkBytes) {
    static_cast<void>(flush());
  }
}

void RecordOut::put(const RecordHead& head, std::string_view name, std::string_view text) {
  RecordHead sent = head;
  sent.name_bytes = static_cast<std::uint32_t>(name.size());
  sent.text_bytes = static_cast<std::uint32_t>(std::min(text.size(), kTextBytesMax));
  putBytes(&sent, sizeof sent);
  putBytes(name.data(), name.size());
  putBytes(text.data(), sent.text_bytes);
}

void RecordOut::putChunk(std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  putBytes(&size, sizeof size);
  putBytes(bytes.data(), bytes.size());
}

Result<void> RecordOut::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && failure_ == 0) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n > 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
  buffer_.clear();
  return failure_ == 0 ? Result<void>() : systemError(failure_, "hand on the files");
}

Result<void> RecordIn::takeBytes(void* bytes, std::size_t size) {
  auto* to = static_cast<char*>(bytes);
  while (size > 0) {
    if (begin_ == end_) {
      const ssize_t n = ::read(fd_, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) {
        continue;
      }
      if (n <= 0) {
        return Error(ErrorKind::kSystem, "the process that reads the files ended too early");
      }
      begin_ = 0;
      end_ = static_cast<std::size_t>(n);
    }
    const std::size_t piece = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, piece);
    begin_ += piece;
    to += piece;
    size -= piece;
  }
  return {};
}

Result<Record> RecordIn::take() {
  Record record;
  if (const auto taken = takeBytes(&record.head, sizeof record.head); !taken) {
    return taken.error();
  }
  const RecordHead& head = record.head;
  if (head.kind > RecordKind::kFailed || head.name_bytes > base::kNameBytesMax ||
      head.text_bytes > kTextBytesMax || (head.mode & ~0777U) != 0) {
    return garbled();
  }
  record.name.resize(head.name_bytes);
  record.text.resize(head.text_bytes);
  if (const auto taken = takeBytes(record.name.data(), record.name.size()); !taken) {
    return taken.error();
  }
  if (const auto taken = takeBytes(record.text.data(), record.text.size()); !taken) {
    return taken.error();
  }
  const bool named = head.kind == RecordKind::kFolder || head.kind == RecordKind::kFile ||
                     head.kind == RecordKind::kLink;
  if (named && !base::checkComponent(record.name, "a file's name")) {
    return garbled();
  }
  return record;
}

Result<std::string_view> RecordIn::takeChunk() {
  std::uint32_t size = 0;
  if (const auto taken = takeBytes(&size, sizeof size); !taken) {
    return taken.error();
  }
  if (size > chunk_.size()) {
    return garbled();
  }
  if (const auto taken = takeBytes(chunk_.data(), size); !taken) {
    return taken.error();
  }
  return std::string_view(chunk_.data(), size);
}

}  // namespace tango::autodriver
