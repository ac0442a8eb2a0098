#include "images/unpack.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "images/archive_reader.hpp"

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kReserved = ".wh..wh.";  // beside the next one, AUFS's own notes
constexpr std::string_view kOpaque = ".wh..wh..opq";

struct SplitPath {
  std::string folder;
  std::string name;
};

SplitPath split(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return {"", std::string(path)};
  }
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

Result<void> writeFile(ArchiveReader& reader, const ArchiveEntry& entry, RootWriter& writer) {
  const Result<UniqueFd> file = writer.makeFile(entry.path);
  if (!file) {
    return file.error();
  }
  for (;;) {
    const Result<std::optional<ArchivePiece>> piece = reader.nextPiece();
    if (!piece) {
      return piece.error();
    }
    if (!*piece) {
      return writer.finishFile(file->get(), entry.size, entry.mode, entry.mtime);
    }
    const Result<void> written = writer.write(file->get(), (*piece)->offset, (*piece)->bytes);
    if (!written) {
      return written;
    }
  }
}

Result<void> writeEntry(ArchiveReader& reader, const ArchiveEntry& entry, RootWriter& writer) {
  switch (entry.type) {
    case EntryType::kFile:
      return writeFile(reader, entry, writer);
    case EntryType::kFolder:
      return writer.makeFolder(entry.path, entry.mode);
    case EntryType::kLink:
      return writer.makeLink(entry.path, entry.target);
    case EntryType::kHardLink:
      return writer.makeHardLink(entry.path, entry.target);
    case EntryType::kOther:
      break;
  }
  return writer.skip(entry.size);
}

Result<void> carryOutWhiteout(const std::string& path, RootWriter& writer) {
  const auto [folder, name] = split(path);
  if (name == kOpaque) {
    return writer.removeContents(folder);
  }
  if (!name.starts_with(kWhiteout) || name.starts_with(kReserved)) {
    return {};
  }
  return writer.remove(folder + "/" + name.substr(kWhiteout.size()));
}

/// Calls `act` for each entry; the first error ends it, with the entry's path before it.
template <class Act>
Result<void> forEachEntry(UniqueFd file, Act act) {
  Result<ArchiveReader> reader = ArchiveReader::open(std::move(file));
  if (!reader) {
    return reader.error();
  }
  for (;;) {
    const Result<std::optional<ArchiveEntry>> entry = reader->next();
    if (!entry) {
      return entry.error();
    }
    if (!*entry) {
      return {};
    }
    const Result<void> done = act(*reader, **entry);
    if (!done) {
      return done.error().during("entry '" + (*entry)->path.substr(0, 200) + "'");
    }
  }
}

Result<UniqueFd> openAgain(const UniqueFd& file) {
  UniqueFd copy(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy || ::lseek(copy.get(), 0, SEEK_SET) != 0) {
    return base::systemError(errno, "rewind a layer");
  }
  return copy;
}

}  // namespace

Result<void> unpackTarball(UniqueFd file, RootWriter& writer) {
  const std::uint64_t before = writer.entries();
  const Result<void> done =
      forEachEntry(std::move(file), [&](ArchiveReader& reader, const ArchiveEntry& entry) {
        return writeEntry(reader, entry, writer);
      });
  if (done && writer.entries() == before) {
    return Error(ErrorKind::kInvalid, "it has no entries");
  }
  return done;
}

Result<void> unpackLayer(const UniqueFd& file, RootWriter& writer) {
  Result<UniqueFd> first = openAgain(file);
  if (!first) {
    return first.error();
  }
  const Result<void> hidden =
      forEachEntry(std::move(*first), [&](ArchiveReader&, const ArchiveEntry& entry) {
        return carryOutWhiteout(entry.path, writer);
      });
  if (!hidden) {
    return hidden;
  }
  Result<UniqueFd> second = openAgain(file);
  if (!second) {
    return second.error();
  }
  return forEachEntry(std::move(*second), [&](ArchiveReader& reader, const ArchiveEntry& entry) {
    return split(entry.path).name.starts_with(kWhiteout) ? writer.skip(0)
                                                         : writeEntry(reader, entry, writer);
  });
}

}  // namespace tango::images
