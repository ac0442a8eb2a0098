// A tree of files as a stream of records, on a pipe between two processes of which neither has the
// other's rights: the reader opens files with the caller's, the writer makes them with autograde's,
// and all that passes between them is bytes. So no link, and no folder that is swapped while it is
// read, can make one's rights serve the other.
//
//   stream  = entry (kDone | kFailed)
//   entry   = folder | file | link
//   folder  = kFolder entry* kLeave
//   file    = kFile (length bytes)* 0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::drive {

using base::Result;

/// What a copy may have at most; passing it is an error.
struct TreeBounds {
  std::uint64_t bytes_max = 0;
  std::uint64_t entries_max = 0;
  unsigned depth_max = 0;
};

enum class RecordKind : std::uint8_t { kFolder, kLeave, kFile, kLink, kDone, kFailed };

/// Head of a record. kFolder, kFile and kLink are followed by the name; kLink and kFailed then by
/// `text_bytes` of text: where the link leads, what went wrong.
struct RecordHead {
  std::int64_t mtime_s = 0;
  std::uint32_t mtime_ns = 0;
  std::uint32_t mode = 0;  ///< rwx bits only
  std::uint32_t name_bytes = 0;
  std::uint32_t text_bytes = 0;
  RecordKind kind = RecordKind::kDone;
  std::array<std::uint8_t, 7> padding{};
};
static_assert(sizeof(RecordHead) == 32);

inline constexpr std::size_t kTextBytesMax = 4096;
inline constexpr std::size_t kChunkBytes = 64 * 1024;

/// Appends a record to `out`. The lengths in `head` are set here, and `text` is cut if it is longer
/// than kTextBytesMax.
void appendRecord(std::string& out, const RecordHead& head, std::string_view name,
                  std::string_view text);
/// Appends a piece of a file's content, of at most kChunkBytes; an empty one ends the file.
void appendChunk(std::string& out, std::string_view bytes);

/// Buffered writing. Its errors are remembered: `flush` tells the first.
class RecordOut {
 public:
  explicit RecordOut(int fd) : fd_(fd) {}
  void put(const RecordHead& head, std::string_view name, std::string_view text);
  void putChunk(std::string_view bytes);
  Result<void> flush();

 private:
  void flushIfFull();

  int fd_;
  int failure_ = 0;
  std::string buffer_;
};

struct Record {
  RecordHead head;
  std::string name;
  std::string text;
};

/// Reading; checks all lengths, since the other side is trusted with nothing. No byte beyond the
/// stream's end is taken, so that its descriptor can go on with something else.
class RecordIn {
 public:
  /// `patience`: if `fd` does not block, no piece of the stream is waited for longer (kTimeout).
  explicit RecordIn(int fd, base::Millis patience = base::Millis::max())
      : fd_(fd), patience_(patience), chunk_(kChunkBytes) {}
  Result<Record> take();
  /// Valid until the next call; empty at the end of the file.
  Result<std::string_view> takeChunk();

 private:
  Result<void> takeBytes(void* bytes, std::size_t size);
  Result<void> waitForMore();

  int fd_;
  base::Millis patience_;
  std::vector<char> chunk_;
};

}  // namespace tango::drive
