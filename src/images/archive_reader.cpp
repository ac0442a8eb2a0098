#include "images/archive_reader.hpp"

#include <clocale>

#include <archive.h>
#include <archive_entry.h>

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kBlockBytes = 256 * 1024;

// libarchive gives names in the thread's locale, and garbles UTF-8 in the "C" locale.
class Utf8Names {
 public:
  Utf8Names() : old_(::uselocale(utf8())) {}
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;
  ~Utf8Names() { ::uselocale(old_); }

 private:
  /// Made once and never freed; where there is no C.UTF-8, the locale stays as it is.
  static locale_t utf8() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }

  locale_t old_;
};

EntryType typeOf(archive_entry* entry) {
  if (::archive_entry_hardlink(entry) != nullptr) {
    return EntryType::kHardLink;
  }
  switch (::archive_entry_filetype(entry)) {
    case AE_IFREG:
      return EntryType::kFile;
    case AE_IFDIR:
      return EntryType::kFolder;
    case AE_IFLNK:
      return EntryType::kLink;
    default:
      return EntryType::kOther;
  }
}

std::string orEmpty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

ArchiveEntry entryOf(archive_entry* raw) {
  ArchiveEntry entry;
  entry.type = typeOf(raw);
  entry.path = orEmpty(::archive_entry_pathname(raw));
  entry.target = orEmpty(entry.type == EntryType::kHardLink ? ::archive_entry_hardlink(raw)
                                                            : ::archive_entry_symlink(raw));
  entry.size = static_cast<std::uint64_t>(std::max<la_int64_t>(::archive_entry_size(raw), 0));
  entry.mode = ::archive_entry_perm(raw);
  entry.mtime = ::archive_entry_mtime(raw);
  return entry;
}

void allowTar(archive* handle) {
  ::archive_read_support_format_tar(handle);
  ::archive_read_support_filter_bzip2(handle);
  ::archive_read_support_filter_compress(handle);
  ::archive_read_support_filter_gzip(handle);
  ::archive_read_support_filter_lz4(handle);
  ::archive_read_support_filter_lzip(handle);
  ::archive_read_support_filter_lzma(handle);
  ::archive_read_support_filter_xz(handle);
  ::archive_read_support_filter_zstd(handle);
}

}  // namespace

void ArchiveReader::Free::operator()(archive* handle) const {
  ::archive_read_free(handle);
}

Error ArchiveReader::failure(std::string_view what) const {
  return {ErrorKind::kInvalid,
          std::string(what) + ": " + orEmpty(::archive_error_string(handle_.get()))};
}

Result<ArchiveReader> ArchiveReader::open(UniqueFd file) {
  ArchiveReader reader;
  reader.file_ = std::move(file);
  reader.handle_.reset(::archive_read_new());
  if (!reader.handle_) {
    return Error(ErrorKind::kSystem, "archive_read_new: out of memory");
  }
  allowTar(reader.handle_.get());
  const Utf8Names utf8;
  if (::archive_read_open_fd(reader.handle_.get(), reader.file_.get(), kBlockBytes) != ARCHIVE_OK) {
    return reader.failure("read it as a tarball");
  }
  return reader;
}

Result<std::optional<ArchiveEntry>> ArchiveReader::next() {
  const Utf8Names utf8;
  archive_entry* raw = nullptr;
  const int status = ::archive_read_next_header(handle_.get(), &raw);
  if (status == ARCHIVE_EOF) {
    return std::optional<ArchiveEntry>();
  }
  // A warning is about something that is not used here (an attribute), or a name in no encoding.
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
    return failure("read it as a tarball");
  }
  return std::optional(entryOf(raw));
}

Result<std::optional<ArchivePiece>> ArchiveReader::nextPiece() {
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int status = ::archive_read_data_block(handle_.get(), &bytes, &size, &offset);
  if (status == ARCHIVE_EOF) {
    return std::optional<ArchivePiece>();
  }
  if (status != ARCHIVE_OK) {
    return failure("read its content");
  }
  return std::optional(ArchivePiece{static_cast<std::uint64_t>(std::max<la_int64_t>(offset, 0)),
                                    {static_cast<const char*>(bytes), size}});
}

}  // namespace tango::images
