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

#include "base/result.hpp"

namespace tango::autodriver {

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

/// Buffered writing. Its errors are remembered: `flush` tells the first.
class RecordOut {
 public:
  explicit RecordOut(int fd) : fd_(fd) {}
  void put(const RecordHead& head, std::string_view name, std::string_view text);
  /// A piece of a file's content; an empty one ends the file.
  void putChunk(std::string_view bytes);
  Result<void> flush();

 private:
  void putBytes(const void* bytes, std::size_t size);

  int fd_;
  int failure_ = 0;
  std::string buffer_;
};

struct Record {
  RecordHead head;
  std::string name;
  std::string text;
};

/// Buffered reading; checks all lengths, since the other side is trusted with nothing.
class RecordIn {
 public:
  explicit RecordIn(int fd) : fd_(fd) {}
  Result<Record> take();
  /// Valid until the next call; empty at the end of the file.
  Result<std::string_view> takeChunk();

 private:
  Result<void> takeBytes(void* bytes, std::size_t size);

  int fd_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, kChunkBytes> buffer_{};
  std::array<char, kChunkBytes> chunk_{};
};

}  // namespace tango::autodriver
