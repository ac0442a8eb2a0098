// Tarballs for tests, made entry by entry through libarchive: also those that no sane tar writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct archive;

namespace tango::images {

class Tarball {
 public:
  enum class Compression { kNone, kGzip, kZstd };

  /// Begins the file at `path`.
  explicit Tarball(const std::string& path, Compression compression = Compression::kNone);
  Tarball(const Tarball&) = delete;
  Tarball& operator=(const Tarball&) = delete;
  /// Ends it.
  ~Tarball();

  Tarball& file(std::string_view path, std::string_view content = "", unsigned mode = 0644);
  Tarball& folder(std::string_view path, unsigned mode = 0755);
  Tarball& link(std::string_view path, std::string_view target);
  Tarball& hardLink(std::string_view path, std::string_view target);
  /// `type`: S_IFCHR, S_IFBLK or S_IFIFO.
  Tarball& special(std::string_view path, unsigned type);
  /// A file that is one hole, but for `content` at `offset`.
  Tarball& sparse(std::string_view path, std::uint64_t size, std::uint64_t offset,
                  std::string_view content);

 private:
  archive* handle_;
};

}  // namespace tango::images
