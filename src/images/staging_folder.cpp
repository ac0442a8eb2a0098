#include "images/staging_folder.hpp"

#include <array>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.hpp"

namespace tango::images {
namespace {

using base::ErrorKind;
using base::systemError;

constexpr std::string_view kImporting = ".importing-";
constexpr std::string_view kRemoved = ".removed-";
constexpr const char* kLockFile = ".lock";

std::string freshName(std::string_view prefix) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, 6> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) < 0) {
    bytes.fill(0);  // not random, but a name that is taken is tried anew or refused
  }
  std::string name(prefix);
  for (const unsigned char byte : bytes) {
    name += kLetters[byte % kLetters.size()];
  }
  return name;
}

UniqueFd openFolder(int parent_fd, const std::string& name) {
  return UniqueFd(
      ::openat(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Held while the staging folders are looked through and while one is made: without it a sweep
/// could come between the making of a folder and the taking of its lock.
Result<UniqueFd> lockAll(int images_fd) {
  UniqueFd file(::openat(images_fd, kLockFile, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    return systemError(errno, std::string("open ") + kLockFile);
  }
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return systemError(errno, std::string("lock ") + kLockFile);
    }
  }
  return file;
}

/// Removes the folder `name` if nobody holds it.
Result<void> removeUnheld(int images_fd, const std::string& name) {
  const UniqueFd folder = openFolder(images_fd, name);
  if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    return {};
  }
  return base::removeTree(images_fd, name.c_str());
}

Result<void> sweepLocked(int images_fd) {
  const Result<std::vector<std::string>> names = base::namesIn(images_fd);
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    if (name.starts_with(kImporting) || name.starts_with(kRemoved)) {
      const Result<void> removed = removeUnheld(images_fd, name);
      if (!removed) {
        return removed;
      }
    }
  }
  return {};
}

/// A new image takes the name of the old one, and the old one its own; or kNotFound.
Result<void> exchange(int images_fd, const std::string& staged, const std::string& name) {
  if (::renameat2(images_fd, staged.c_str(), images_fd, name.c_str(), RENAME_EXCHANGE) != 0) {
    return systemError(errno, "put the image in the old one's place");
  }
  return {};
}

Result<void> syncAll(int folder_fd) {
  // Thousands of files: one syncfs is cheaper than an fsync each, and covers the names as well.
  if (::syncfs(folder_fd) != 0 || ::fsync(folder_fd) != 0) {
    return systemError(errno, "write the image to the disk");
  }
  return {};
}

}  // namespace

Result<void> sweepStaging(int images_fd) {
  const Result<UniqueFd> lock = lockAll(images_fd);
  if (!lock) {
    return lock.error();
  }
  return sweepLocked(images_fd);
}

Result<void> discardImage(int images_fd, const std::string& name) {
  const std::string removed = freshName(kRemoved);
  if (::renameat2(images_fd, name.c_str(), images_fd, removed.c_str(), RENAME_NOREPLACE) != 0) {
    return systemError(errno, "take the image away");
  }
  if (::fsync(images_fd) != 0) {
    return systemError(errno, "write the removal to the disk");
  }
  return removeUnheld(images_fd, removed);
}

Result<StagingFolder> StagingFolder::make(int images_fd) {
  const Result<UniqueFd> lock = lockAll(images_fd);
  if (!lock) {
    return lock.error();
  }
  const Result<void> swept = sweepLocked(images_fd);
  if (!swept) {
    return swept.error().during("remove what an earlier import left");
  }
  const std::string name = freshName(kImporting);
  if (::mkdirat(images_fd, name.c_str(), 0755) != 0) {
    return systemError(errno, "make folder " + name);
  }
  UniqueFd folder = openFolder(images_fd, name);
  if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    return systemError(errno, "lock folder " + name);
  }
  return StagingFolder(images_fd, name, std::move(folder));
}

StagingFolder::~StagingFolder() {
  if (folder_) {
    (void)base::removeTree(images_fd_, name_.c_str());  // what stays is swept by the next import
  }
}

Result<void> StagingFolder::publish(const std::string& name, bool replace) {
  const Result<void> synced = syncAll(folder_.get());
  if (!synced) {
    return synced;
  }
  bool replaced = false;
  while (::renameat2(images_fd_, name_.c_str(), images_fd_, name.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EEXIST || !replace) {
      return systemError(errno, "give the image its name");
    }
    const Result<void> exchanged = exchange(images_fd_, name_, name);
    if (exchanged) {
      replaced = true;
      break;
    }
    if (exchanged.error().kind() != ErrorKind::kNotFound) {
      return exchanged;
    }
    // It was removed in this very moment: the plain way is free.
  }
  folder_.reset();
  if (::fsync(images_fd_) != 0) {
    return systemError(errno, "write the image's name to the disk");
  }
  return replaced ? removeUnheld(images_fd_, name_) : Result<void>();
}

}  // namespace tango::images
