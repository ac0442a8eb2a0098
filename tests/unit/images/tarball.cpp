#include "unit/images/tarball.hpp"

#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>
#include <sys/stat.h>

namespace tango::images {
namespace {

struct Free {
  void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, Free>;

Entry makeEntry(std::string_view path, unsigned type, unsigned mode) {
  Entry entry(::archive_entry_new());
  ::archive_entry_set_pathname(entry.get(), std::string(path).c_str());
  ::archive_entry_set_filetype(entry.get(), type);
  ::archive_entry_set_perm(entry.get(), mode);
  ::archive_entry_set_size(entry.get(), 0);
  ::archive_entry_set_mtime(entry.get(), 1'000'000'000, 0);
  return entry;
}

void write(archive* handle, const Entry& entry, std::string_view content = "") {
  REQUIRE(::archive_write_header(handle, entry.get()) >= ARCHIVE_WARN);
  REQUIRE(::archive_write_data(handle, content.data(), content.size()) ==
          static_cast<la_ssize_t>(content.size()));
}

}  // namespace

Tarball::Tarball(const std::string& path, Compression compression)
    : handle_(::archive_write_new()) {
  ::archive_write_set_format_pax_restricted(handle_);
  if (compression == Compression::kGzip) {
    ::archive_write_add_filter_gzip(handle_);
  } else if (compression == Compression::kZstd) {
    ::archive_write_add_filter_zstd(handle_);
  }
  REQUIRE(::archive_write_open_filename(handle_, path.c_str()) == ARCHIVE_OK);
}

Tarball::~Tarball() {
  ::archive_write_free(handle_);
}

Tarball& Tarball::file(std::string_view path, std::string_view content, unsigned mode) {
  const Entry entry = makeEntry(path, S_IFREG, mode);
  ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  write(handle_, entry, content);
  return *this;
}

Tarball& Tarball::folder(std::string_view path, unsigned mode) {
  write(handle_, makeEntry(path, S_IFDIR, mode));
  return *this;
}

Tarball& Tarball::link(std::string_view path, std::string_view target) {
  const Entry entry = makeEntry(path, S_IFLNK, 0777);
  ::archive_entry_set_symlink(entry.get(), std::string(target).c_str());
  write(handle_, entry);
  return *this;
}

Tarball& Tarball::hardLink(std::string_view path, std::string_view target) {
  const Entry entry = makeEntry(path, S_IFREG, 0644);
  ::archive_entry_set_hardlink(entry.get(), std::string(target).c_str());
  write(handle_, entry);
  return *this;
}

Tarball& Tarball::special(std::string_view path, unsigned type) {
  write(handle_, makeEntry(path, type, 0666));
  return *this;
}

Tarball& Tarball::sparse(std::string_view path, std::uint64_t size, std::uint64_t offset,
                         std::string_view content) {
  const Entry entry = makeEntry(path, S_IFREG, 0644);
  ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  ::archive_entry_sparse_add_entry(entry.get(), static_cast<la_int64_t>(offset),
                                   static_cast<la_int64_t>(content.size()));
  REQUIRE(::archive_write_header(handle_, entry.get()) == ARCHIVE_OK);
  // The pax writer drops what lies in a hole; zeros up to the content are never stored.
  const std::string zeros(1 << 20, '\0');
  for (std::uint64_t at = 0; at < offset;) {
    const std::uint64_t piece = std::min<std::uint64_t>(zeros.size(), offset - at);
    REQUIRE(::archive_write_data(handle_, zeros.data(), piece) >= 0);
    at += piece;
  }
  REQUIRE(::archive_write_data(handle_, content.data(), content.size()) >= 0);
  return *this;
}

}  // namespace tango::images
