#include "drive/tree_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <poll.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "base/safe_path.hpp"

namespace tango::drive {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

Error garbled() {
  return {ErrorKind::kSystem, "the process that reads the files sent nonsense"};
}

void appendBytes(std::string& out, const void* bytes, std::size_t size) {
  out.append(static_cast<const char*>(bytes), size);
}

}  // namespace

void appendRecord(std::string& out, const RecordHead& head, std::string_view name,
                  std::string_view text) {
  RecordHead sent = head;
  sent.name_bytes = static_cast<std::uint32_t>(name.size());
  sent.text_bytes = static_cast<std::uint32_t>(std::min(text.size(), kTextBytesMax));
  appendBytes(out, &sent, sizeof sent);
  out.append(name);
  out.append(text.substr(0, sent.text_bytes));
}

void appendChunk(std::string& out, std::string_view bytes) {
  TANGO_ASSERT(bytes.size() <= kChunkBytes, "a piece of a file is too large");
  const auto size = static_cast<std::uint32_t>(bytes.size());
  appendBytes(out, &size, sizeof size);
  out.append(bytes);
}

void RecordOut::put(const RecordHead& head, std::string_view name, std::string_view text) {
  appendRecord(buffer_, head, name, text);
  flushIfFull();
}

void RecordOut::putChunk(std::string_view bytes) {
  appendChunk(buffer_, bytes);
  flushIfFull();
}

void RecordOut::flushIfFull() {
  if (buffer_.size() >= kChunkBytes) {
    static_cast<void>(flush());
  }
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

Result<void> RecordIn::waitForMore() {
  pollfd one{fd_, POLLIN, 0};
  const bool for_ever = patience_ > base::Millis(std::numeric_limits<int>::max());
  const int timeout = for_ever ? -1 : static_cast<int>(patience_.count());
  int ready = 0;
  do {
    ready = ::poll(&one, 1, timeout);
  } while (ready < 0 && errno == EINTR);
  return ready == 0 ? Error(ErrorKind::kTimeout, "the files stopped coming") : Result<void>();
}

Result<void> RecordIn::takeBytes(void* bytes, std::size_t size) {
  auto* to = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t n = ::read(fd_, to, size);
    if (n > 0) {
      to += n;
      size -= static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      if (Result<void> more = waitForMore(); !more) {
        return more;
      }
    } else if (n == 0 || errno != EINTR) {
      return Error(ErrorKind::kSystem, "the process that reads the files ended too early");
    }
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

}  // namespace tango::drive
