#include "vmms/docker/engine_archive.hpp"

#include <cerrno>
#include <optional>

#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "images/archive_reader.hpp"

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;
using base::UniqueFd;
using images::ArchiveEntry;
using images::ArchivePiece;
using images::ArchiveReader;
using images::EntryType;

Result<ArchiveReader> readerOf(std::string_view tar) {
  UniqueFd file(::memfd_create("archive", MFD_CLOEXEC));
  if (!file) {
    return base::systemError(errno, "make a file in memory");
  }
  const Result<void> written = base::writeAll(file.get(), tar, "a file in memory");
  if (!written) {
    return written.error();
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return ArchiveReader::open(std::move(file));
}

Result<std::string> contentOf(ArchiveReader& reader, const ArchiveEntry& entry,
                              std::uint64_t bytes_max) {
  const Error too_large(ErrorKind::kTooLarge, entry.path + " in the image is too large");
  std::string content;
  for (;;) {
    const Result<std::optional<ArchivePiece>> piece = reader.nextPiece();
    if (!piece) {
      return piece.error();
    }
    if (!*piece) {
      return content;
    }
    const std::uint64_t begin = (*piece)->offset;
    if (begin > bytes_max || (*piece)->bytes.size() > bytes_max - begin) {
      return too_large;
    }
    content.resize(begin, '\0');
    content.append((*piece)->bytes);
  }
}

}  // namespace

Result<ArchivedFile> archivedFile(std::string_view tar, std::uint64_t bytes_max) {
  Result<ArchiveReader> reader = readerOf(tar);
  if (!reader) {
    return reader.error();
  }
  const Result<std::optional<ArchiveEntry>> entry = reader->next();
  if (!entry) {
    return entry.error();
  }
  if (*entry && (*entry)->type == EntryType::kLink) {
    return ArchivedFile{ArchivedFile::Type::kLink, (*entry)->target};
  }
  if (!*entry || (*entry)->type != EntryType::kFile) {
    return ArchivedFile();
  }
  Result<std::string> content = contentOf(*reader, **entry, bytes_max);
  if (!content) {
    return content.error();
  }
  return ArchivedFile{ArchivedFile::Type::kFile, *std::move(content)};
}

Result<std::vector<FolderEntry>> archivedFolder(std::string_view tar) {
  Result<ArchiveReader> reader = readerOf(tar);
  if (!reader) {
    return reader.error();
  }
  std::vector<FolderEntry> entries;
  for (;;) {
    const Result<std::optional<ArchiveEntry>> entry = reader->next();
    if (!entry) {
      return entry.error();
    }
    if (!*entry) {
      return entries;
    }
    // "./", "./.profile", "./bin/"
    std::string path = (*entry)->path;
    if (path.starts_with("./")) {
      path.erase(0, 2);
    }
    while (path.ends_with('/')) {
      path.pop_back();
    }
    if (path.empty() || path == ".") {
      continue;
    }
    entries.push_back({std::move(path), (*entry)->type == EntryType::kFile,
                       (*entry)->type == EntryType::kFolder, (*entry)->size});
  }
}

std::string linkedPath(std::string_view path, std::string_view target) {
  if (target.starts_with('/')) {
    return std::string(target);
  }
  const std::size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == std::string_view::npos ? 0 : slash + 1)) +
         std::string(target);
}

}  // namespace tango::vmms::docker
