#include "autodriver/tree_writer.hpp"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;
using base::UniqueFd;
using drive::Record;
using drive::RecordHead;
using drive::RecordKind;

// The dates are kept: make decides by them. The bits come last, since they may forbid writing.
Result<void> finish(int fd, const RecordHead& head, const std::string& name) {
  const timespec mtime{head.mtime_s, static_cast<long>(head.mtime_ns)};
  const std::array<timespec, 2> times = {mtime, mtime};
  if (::futimens(fd, times.data()) != 0 || ::fchmod(fd, head.mode) != 0) {
    return systemError(errno, "set the mode of " + name);
  }
  return {};
}

class Receiver {
 public:
  Receiver(int parent_fd, const TreeBounds& bounds, RecordIn& in)
      : parent_fd_(parent_fd), left_(bounds), in_(in) {}
  Result<void> receive();

 private:
  struct Level {
    UniqueFd folder;
    RecordHead head;
    std::string name;
  };

  [[nodiscard]] int here() const {
    return levels_.empty() ? parent_fd_ : levels_.back().folder.get();
  }
  Result<void> take(Record record);
  Result<void> enterFolder(Record record);
  Result<void> leaveFolder();
  Result<void> makeFile(const Record& record);
  Result<void> makeLink(const Record& record);

  int parent_fd_;
  TreeBounds left_;
  RecordIn& in_;
  std::vector<Level> levels_;
};

Result<void> Receiver::receive() {
  for (;;) {
    Result<Record> record = in_.take();
    if (!record) {
      return record.error();
    }
    if (record->head.kind == RecordKind::kDone) {
      return {};
    }
    if (record->head.kind == RecordKind::kFailed) {
      return Error(ErrorKind::kInvalid, record->text);
    }
    if (Result<void> taken = take(*std::move(record)); !taken) {
      return taken;
    }
  }
}

Result<void> Receiver::take(Record record) {
  if (record.head.kind == RecordKind::kLeave) {
    return leaveFolder();
  }
  if (left_.entries_max-- == 0) {
    return Error(ErrorKind::kTooLarge, "too many files");
  }
  switch (record.head.kind) {
    case RecordKind::kFolder:
      return enterFolder(std::move(record));
    case RecordKind::kFile:
      return makeFile(record);
    default:
      return makeLink(record);
  }
}

Result<void> Receiver::enterFolder(Record record) {
  if (levels_.size() == left_.depth_max) {
    return Error(ErrorKind::kTooLarge, "folders are nested too deeply");
  }
  if (::mkdirat(here(), record.name.c_str(), 0700) != 0) {
    return systemError(errno, "make folder " + record.name);
  }
  UniqueFd folder(
      ::openat(here(), record.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) {
    return systemError(errno, "open folder " + record.name);
  }
  levels_.push_back({std::move(folder), record.head, std::move(record.name)});
  return {};
}

Result<void> Receiver::leaveFolder() {
  if (levels_.empty()) {
    return Error(ErrorKind::kSystem, "the process that reads the files sent nonsense");
  }
  const Level level = std::move(levels_.back());
  levels_.pop_back();
  return finish(level.folder.get(), level.head, level.name);
}

Result<void> Receiver::makeFile(const Record& record) {
  const UniqueFd file(::openat(here(), record.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    return systemError(errno, "make file " + record.name);
  }
  for (;;) {
    const Result<std::string_view> chunk = in_.takeChunk();
    if (!chunk) {
      return chunk.error();
    }
    if (chunk->empty()) {
      return finish(file.get(), record.head, record.name);
    }
    if (chunk->size() > left_.bytes_max) {
      return Error(ErrorKind::kTooLarge, "the files are too large together");
    }
    left_.bytes_max -= chunk->size();
    if (Result<void> written = base::writeAll(file.get(), *chunk, record.name); !written) {
      return written;
    }
  }
}

Result<void> Receiver::makeLink(const Record& record) {
  if (::symlinkat(record.text.c_str(), here(), record.name.c_str()) != 0) {
    return systemError(errno, "make link " + record.name);
  }
  return {};
}

}  // namespace

Result<void> receiveTree(int parent_fd, const TreeBounds& bounds, RecordIn& in) {
  return Receiver(parent_fd, bounds, in).receive();
}

}  // namespace tango::autodriver
