#include "images/copy_folder.hpp"

#include <array>
#include <cerrno>
#include <map>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.hpp"

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

class FolderCopy {
 public:
  FolderCopy(dev_t device, ino_t except, std::uint64_t depth_max, RootWriter& writer)
      : device_(device), except_(except), depth_max_(depth_max), writer_(writer) {}

  /// `path`: of the folder within the source, "" or ending in '/'.
  Result<void> copyAll(int folder_fd, const std::string& path, std::uint64_t depth) {
    if (depth > depth_max_) {
      return Error(ErrorKind::kTooLarge,
                   "a folder lies deeper than " + std::to_string(depth_max_) + " folders");
    }
    const Result<std::vector<std::string>> names = base::namesIn(folder_fd);
    if (!names) {
      return names.error();
    }
    for (const std::string& name : *names) {
      const Result<void> copied = copyEntry(folder_fd, name, path + name, depth);
      if (!copied) {
        return copied;
      }
    }
    return {};
  }

 private:
  Result<void> copyEntry(int folder_fd, const std::string& name, const std::string& path,
                         std::uint64_t depth) {
    struct stat facts{};
    if (::fstatat(folder_fd, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      return systemError(errno, "stat '" + path + "'");
    }
    if (S_ISDIR(facts.st_mode)) {
      return copySubfolder(folder_fd, name, path, facts, depth);
    }
    if (S_ISREG(facts.st_mode) || S_ISLNK(facts.st_mode)) {
      if (facts.st_nlink > 1) {
        const auto [first, fresh] = copied_.try_emplace(facts.st_ino, path);
        if (!fresh) {
          return writer_.makeHardLink(path, first->second);
        }
      }
      return S_ISREG(facts.st_mode) ? copyFile(folder_fd, name, path)
                                    : copyLink(folder_fd, name, path);
    }
    return writer_.skip(0);
  }

  Result<void> copySubfolder(int folder_fd, const std::string& name, const std::string& path,
                             const struct stat& facts, std::uint64_t depth) {
    if (facts.st_dev == device_ && facts.st_ino == except_) {
      return {};
    }
    const Result<void> made = writer_.makeFolder(path, facts.st_mode);
    if (!made || facts.st_dev != device_) {
      return made;
    }
    const UniqueFd folder(
        ::openat(folder_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) {
      return systemError(errno, "open '" + path + "'");
    }
    return copyAll(folder.get(), path + "/", depth + 1);
  }

  Result<void> copyLink(int folder_fd, const std::string& name, const std::string& path) {
    std::array<char, 4096> target{};
    const ssize_t size = ::readlinkat(folder_fd, name.c_str(), target.data(), target.size());
    if (size < 0) {
      return systemError(errno, "readlink '" + path + "'");
    }
    return writer_.makeLink(path, {target.data(), static_cast<std::size_t>(size)});
  }

  Result<void> copyFile(int folder_fd, const std::string& name, const std::string& path) {
    const UniqueFd source(
        ::openat(folder_fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat facts{};
    if (!source || ::fstat(source.get(), &facts) != 0) {
      return systemError(errno, "open '" + path + "'");
    }
    const Result<UniqueFd> file = writer_.makeFile(path);
    if (!file) {
      return file.error();
    }
    const Result<void> copied = copyContent(source.get(), file->get());
    if (!copied) {
      return copied.error().during("copy '" + path + "'");
    }
    return writer_.finishFile(file->get(), static_cast<std::uint64_t>(facts.st_size), facts.st_mode,
                              facts.st_mtime);
  }

  /// Goes from data to data, so that a hole stays one.
  Result<void> copyContent(int source_fd, int file_fd) {
    for (off_t at = 0;;) {
      at = ::lseek(source_fd, at, SEEK_DATA);
      if (at < 0) {
        return errno == ENXIO ? Result<void>() : systemError(errno, "lseek");
      }
      const off_t end = ::lseek(source_fd, at, SEEK_HOLE);
      while (at < end) {
        const std::size_t wanted = std::min(buffer_.size(), static_cast<std::size_t>(end - at));
        const ssize_t n = ::pread(source_fd, buffer_.data(), wanted, at);
        if (n < 0) {
          return systemError(errno, "read");
        }
        if (n == 0) {
          return {};  // it shrank meanwhile
        }
        const Result<void> written = writer_.write(file_fd, static_cast<std::uint64_t>(at),
                                                   {buffer_.data(), static_cast<std::size_t>(n)});
        if (!written) {
          return written;
        }
        at += n;
      }
    }
  }

  dev_t device_;
  ino_t except_;
  std::uint64_t depth_max_;
  RootWriter& writer_;
  std::map<ino_t, std::string> copied_;  ///< files with several names, by inode
  std::string buffer_ = std::string(256 * 1024, '\0');
};

}  // namespace

Result<void> copyFolder(int source_fd, int except_fd, RootWriter& writer, std::uint64_t depth_max) {
  struct stat source{};
  struct stat except{};
  if (::fstat(source_fd, &source) != 0 || ::fstat(except_fd, &except) != 0) {
    return systemError(errno, "stat the folder");
  }
  // An inode counts for itself only on the file system of the source.
  const ino_t except_inode = except.st_dev == source.st_dev ? except.st_ino : 0;
  return FolderCopy(source.st_dev, except_inode, depth_max, writer).copyAll(source_fd, "", 0);
}

}  // namespace tango::images
