// The entries of a tarball, one after the other. Only tar (in all its dialects) and compressions
// that are decoded in this process are understood: libarchive would otherwise start programs, or
// guess at a dozen formats, because of what the bytes say.
#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

struct archive;
struct archive_entry;

namespace tango::images {

using base::Result;
using base::UniqueFd;

enum class EntryType { kFile, kFolder, kLink, kHardLink, kOther };

struct ArchiveEntry {
  EntryType type = EntryType::kOther;
  std::string path;
  std::string target;  ///< of either kind of link
  std::uint64_t size = 0;
  mode_t mode = 0;
  std::time_t mtime = 0;
};

/// A piece of a file's content; what no piece covers is a hole.
struct ArchivePiece {
  std::uint64_t offset = 0;
  std::string_view bytes;  ///< valid until the next call on the reader
};

class ArchiveReader {
 public:
  /// Reads from `file`'s current offset; a pipe will do. kInvalid: it is no tarball.
  static Result<ArchiveReader> open(UniqueFd file);

  /// The next entry, nothing at the end. kInvalid: the archive is broken or ends too early.
  Result<std::optional<ArchiveEntry>> next();
  /// The next piece of the current entry's content, nothing at its end. Errors as above.
  Result<std::optional<ArchivePiece>> nextPiece();

 private:
  struct Free {
    void operator()(archive* handle) const;
  };
  ArchiveReader() = default;
  [[nodiscard]] base::Error failure(std::string_view what) const;

  UniqueFd file_;
  std::unique_ptr<archive, Free> handle_;
};

}  // namespace tango::images
