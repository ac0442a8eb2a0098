#include "autodriver/sweep.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tango::autodriver {
namespace {

constexpr unsigned kForeignDepthMax = 16;

// Owns a DIR; null if the folder could not be opened.
class Folder {
 public:
  Folder(int parent_fd, const char* name) {
    fd_ = ::openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    dir_ = fd_ < 0 ? nullptr : ::fdopendir(fd_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (dir_ != nullptr) {
      ::closedir(dir_);
    }
  }
  explicit operator bool() const { return dir_ != nullptr; }
  [[nodiscard]] int fd() const { return fd_; }
  void rewind() { ::rewinddir(dir_); }
  // The next name that is neither "." nor ".."; null at the end.
  const char* next() {
    while (const dirent* entry = ::readdir(dir_)) {
      if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) {
        return entry->d_name;
      }
    }
    return nullptr;
  }

 private:
  int fd_ = -1;
  DIR* dir_ = nullptr;  ///< owns fd_
};

// Opens a folder after giving its owner all rights in it: it may be of mode 000.
Folder openOwn(int parent_fd, const char* name) {
  ::fchmodat(parent_fd, name, 0700, 0);
  return {parent_fd, name};
}

class TreeRemoval {
 public:
  explicit TreeRemoval(Folder& top) : top_(top) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    // Names that nothing in the tree was given before; if one was, rename fails and the next is
    // taken.
    prefix_ = ".sweep-" + std::to_string(now.tv_sec) + "-" + std::to_string(now.tv_nsec) + "-";
  }

  // Empties the folder, in passes: each makes the tree shallower by one level.
  void run() {
    bool progress = true;
    while (progress) {
      progress = false;
      top_.rewind();
      while (const char* name = top_.next()) {
        progress = removeOrFlatten(name) || progress;
      }
    }
  }

 private:
  // Removes what is removable at once, and of a folder moves the folders in it up to `top_`.
  // True: something was changed.
  bool removeOrFlatten(const char* name) {
    if (::unlinkat(top_.fd(), name, 0) == 0 || ::unlinkat(top_.fd(), name, AT_REMOVEDIR) == 0) {
      return true;
    }
    bool progress = false;
    {
      Folder inner = openOwn(top_.fd(), name);
      if (!inner) {
        return false;
      }
      while (const char* child = inner.next()) {
        progress = ::unlinkat(inner.fd(), child, 0) == 0 ||
                   ::unlinkat(inner.fd(), child, AT_REMOVEDIR) == 0 || moveUp(inner, child) ||
                   progress;
      }
    }
    return ::unlinkat(top_.fd(), name, AT_REMOVEDIR) == 0 || progress;
  }

  bool moveUp(const Folder& from, const char* name) {
    // Moving a folder writes its "..", for which its owner needs the right to write.
    ::fchmodat(from.fd(), name, 0700, 0);
    for (int attempt = 0; attempt < 16; ++attempt) {
      const std::string fresh = prefix_ + std::to_string(moved_++);
      if (::renameat(from.fd(), name, top_.fd(), fresh.c_str()) == 0) {
        return true;
      }
      if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR) {
        return false;
      }
    }
    return false;
  }

  Folder& top_;
  std::string prefix_;
  unsigned long long moved_ = 0;
};

bool sweepEntries(Folder& folder, uid_t owner, dev_t device, unsigned depth) {
  bool clean = true;
  while (const char* name = folder.next()) {
    struct stat about{};
    if (::fstatat(folder.fd(), name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    if (about.st_uid == owner) {
      clean = removeTree(folder.fd(), name, owner) && clean;
    } else if (S_ISDIR(about.st_mode) && about.st_dev == device && depth < kForeignDepthMax) {
      Folder foreign(folder.fd(), name);
      clean = (!foreign || sweepEntries(foreign, owner, device, depth + 1)) && clean;
    }
  }
  return clean;
}

}  // namespace

bool removeTree(int parent_fd, const std::string& name, uid_t owner) {
  struct stat about{};
  if (::fstatat(parent_fd, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT;
  }
  if (!S_ISDIR(about.st_mode)) {
    return ::unlinkat(parent_fd, name.c_str(), 0) == 0;
  }
  if (about.st_uid != owner) {
    return false;
  }
  {
    Folder top = openOwn(parent_fd, name.c_str());
    if (top) {
      TreeRemoval(top).run();
    }
  }
  return ::unlinkat(parent_fd, name.c_str(), AT_REMOVEDIR) == 0;
}

bool sweepFolder(const std::string& path, uid_t owner) {
  struct stat about{};
  Folder folder(AT_FDCWD, path.c_str());
  if (!folder || ::fstat(folder.fd(), &about) != 0) {
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
  }
  return sweepEntries(folder, owner, about.st_dev, 0);
}

std::vector<std::string> scratchFolders(const std::string& home) {
  return {home, "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock"};
}

}  // namespace tango::autodriver
