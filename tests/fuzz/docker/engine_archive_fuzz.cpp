// A tarball of a file or a folder of an image, as the engine's archive endpoint gives it.
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "vmms/docker/engine_archive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace docker = tango::vmms::docker;
  constexpr std::uint64_t kBytesMax = 4096;
  const std::string_view tar(reinterpret_cast<const char*>(bytes), size);
  const auto file = docker::archivedFile(tar, kBytesMax);
  if (file) {
    TANGO_ASSERT(file->type != docker::ArchivedFile::Type::kFile || file->text.size() <= kBytesMax,
                 "more than its bound");
    static_cast<void>(docker::linkedPath("/etc/passwd", file->text));
  }
  const auto folder = docker::archivedFolder(tar);
  if (folder) {
    for (const docker::FolderEntry& entry : *folder) {
      TANGO_ASSERT(!entry.path.empty() && !entry.path.ends_with('/'), "an entry without a name");
    }
  }
  return 0;
}
