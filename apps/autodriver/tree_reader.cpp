#include "autodriver/tree_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;
using base::UniqueFd;
using drive::kChunkBytes;
using drive::kTextBytesMax;
using drive::RecordHead;
using drive::RecordKind;

RecordHead headOf(RecordKind kind, const struct stat& about) {
  RecordHead head;
  head.kind = kind;
  head.mode = about.st_mode & 0777U;  // never setuid, setgid or sticky
  head.mtime_s = about.st_mtim.tv_sec;
  head.mtime_ns = static_cast<std::uint32_t>(about.st_mtim.tv_nsec);
  return head;
}

class Sender {
 public:
  Sender(const TreeBounds& bounds, RecordOut& out) : left_(bounds), out_(out) {}

  // Recursion is as deep as bounds.depth_max, with one descriptor a level.
  Result<void> sendEntry(int dir_fd, const std::string& name, const std::string& path,
                         unsigned depth);

 private:
  Result<void> sendFolder(int dir_fd, const std::string& name, const std::string& path,
                          unsigned depth);
  Result<void> sendFile(int dir_fd, const std::string& name, const std::string& path);
  Result<void> sendContent(int file_fd, const std::string& path);
  Result<void> sendLink(int dir_fd, const std::string& name, const std::string& path,
                        const struct stat& about);

  TreeBounds left_;
  RecordOut& out_;
  std::vector<char> chunk_ = std::vector<char>(kChunkBytes);
};

Result<void> Sender::sendEntry(int dir_fd, const std::string& name, const std::string& path,
                               unsigned depth) {
  if (left_.entries_max-- == 0) {
    return Error(ErrorKind::kTooLarge, path + ": too many files");
  }
  struct stat about{};
  if (::fstatat(dir_fd, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
    return systemError(errno, path);
  }
  // The kind is looked at first so that opening has no effect on a device; what was opened is then
  // looked at again.
  if (S_ISDIR(about.st_mode)) {
    return sendFolder(dir_fd, name, path, depth);
  }
  if (S_ISLNK(about.st_mode)) {
    return sendLink(dir_fd, name, path, about);
  }
  if (S_ISREG(about.st_mode)) {
    return sendFile(dir_fd, name, path);
  }
  return Error(ErrorKind::kInvalid, path + ": neither a file nor a folder nor a link");
}

Result<void> Sender::sendFolder(int dir_fd, const std::string& name, const std::string& path,
                                unsigned depth) {
  if (depth == left_.depth_max) {
    return Error(ErrorKind::kTooLarge, path + ": folders are nested too deeply");
  }
  const int fd =
      ::openat(dir_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat about{};
  if (fd < 0 || ::fstat(fd, &about) != 0) {
    return systemError(errno, path);
  }
  DIR* const folder = ::fdopendir(fd);
  if (folder == nullptr) {
    return systemError(errno, path);
  }
  out_.put(headOf(RecordKind::kFolder, about), name, "");
  Result<void> sent;
  while (sent.ok()) {
    errno = 0;
    const dirent* const entry = ::readdir(folder);
    if (entry == nullptr) {
      sent = errno == 0 ? Result<void>() : systemError(errno, path);
      break;
    }
    const std::string child = entry->d_name;
    if (child != "." && child != "..") {
      sent = sendEntry(fd, child, path + "/" + child, depth + 1);
    }
  }
  ::closedir(folder);
  out_.put(headOf(RecordKind::kLeave, about), "", "");
  return sent;
}

Result<void> Sender::sendFile(int dir_fd, const std::string& name, const std::string& path) {
  const UniqueFd file(
      ::openat(dir_fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat about{};
  if (!file || ::fstat(file.get(), &about) != 0) {
    return systemError(errno, path);
  }
  if (!S_ISREG(about.st_mode)) {
    return Error(ErrorKind::kInvalid, path + ": changed while it was read");
  }
  out_.put(headOf(RecordKind::kFile, about), name, "");
  Result<void> sent = sendContent(file.get(), path);
  out_.putChunk("");
  return sent;
}

Result<void> Sender::sendContent(int file_fd, const std::string& path) {
  for (;;) {
    const ssize_t n = ::read(file_fd, chunk_.data(), chunk_.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return systemError(errno, path);
    }
    if (n == 0) {
      return {};
    }
    const auto size = static_cast<std::size_t>(n);
    if (size > left_.bytes_max) {
      return Error(ErrorKind::kTooLarge, path + ": the files are too large together");
    }
    left_.bytes_max -= size;
    out_.putChunk({chunk_.data(), size});
  }
}

Result<void> Sender::sendLink(int dir_fd, const std::string& name, const std::string& path,
                              const struct stat& about) {
  std::array<char, kTextBytesMax> target{};
  const ssize_t n = ::readlinkat(dir_fd, name.c_str(), target.data(), target.size());
  if (n < 0) {
    return systemError(errno, path);
  }
  out_.put(headOf(RecordKind::kLink, about), name, {target.data(), static_cast<std::size_t>(n)});
  return {};
}

}  // namespace

Result<void> sendTree(int parent_fd, const std::string& name, const TreeBounds& bounds,
                      RecordOut& out) {
  struct stat about{};
  Result<void> sent;
  if (::fstatat(parent_fd, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
    sent = systemError(errno, name);
  } else if (!S_ISDIR(about.st_mode)) {
    sent = Error(ErrorKind::kInvalid, name + ": not a folder");
  } else {
    sent = Sender(bounds, out).sendEntry(parent_fd, name, name, 0);
  }
  RecordHead last;
  last.kind = sent.ok() ? RecordKind::kDone : RecordKind::kFailed;
  out.put(last, "", sent.ok() ? "" : sent.error().message());
  return out.flush();
}

}  // namespace tango::autodriver
