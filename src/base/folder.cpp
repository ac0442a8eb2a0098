#include "base/folder.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::base {
namespace {

UniqueFd openFolder(int parent_fd, const char* name) {
  return UniqueFd(::openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// False: it is a folder, and so still there.
Result<bool> removeFile(int parent_fd, const char* name) {
  if (::unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT) {
    return true;
  }
  if (errno == EISDIR) {
    return false;
  }
  return systemError(errno, std::string("remove ") + name);
}

/// Gives the folder `name` of `from_fd` a name of its own in `top_fd`.
Result<void> moveUp(int from_fd, const std::string& name, int top_fd, std::uint64_t& serial) {
  for (;;) {
    const std::string fresh = ".up-" + std::to_string(serial++);
    if (::renameat2(from_fd, name.c_str(), top_fd, fresh.c_str(), RENAME_NOREPLACE) == 0) {
      return {};
    }
    if (errno != EEXIST) {
      return systemError(errno, "move " + name + " to remove it");
    }
  }
}

/// Removes the folder `name` of `top_fd`; the folders in it move up to `top_fd` first. A tree is
/// taken apart in this way, level by level, without ever walking down into it.
Result<void> removeLevel(int top_fd, const std::string& name, std::uint64_t& serial) {
  const UniqueFd folder = openFolder(top_fd, name.c_str());
  if (!folder) {
    return systemError(errno, "open " + name + " to remove it");
  }
  const Result<std::vector<std::string>> names = namesIn(folder.get());
  if (!names) {
    return names.error().during("remove " + name);
  }
  for (const std::string& child : *names) {
    const Result<bool> removed = removeFile(folder.get(), child.c_str());
    if (!removed) {
      return removed.error();
    }
    if (!*removed) {
      const Result<void> moved = moveUp(folder.get(), child, top_fd, serial);
      if (!moved) {
        return moved;
      }
    }
  }
  if (::unlinkat(top_fd, name.c_str(), AT_REMOVEDIR) != 0) {
    return systemError(errno, "remove folder " + name);
  }
  return {};
}

Result<void> removeAllIn(int top_fd) {
  std::uint64_t serial = 0;
  for (;;) {
    const Result<std::vector<std::string>> names = namesIn(top_fd);
    if (!names) {
      return names.error();
    }
    if (names->empty()) {
      return {};
    }
    for (const std::string& name : *names) {
      const Result<bool> removed = removeFile(top_fd, name.c_str());
      if (!removed) {
        return removed.error();
      }
      if (!*removed) {
        const Result<void> level = removeLevel(top_fd, name, serial);
        if (!level) {
          return level;
        }
      }
    }
  }
}

}  // namespace

Result<std::vector<std::string>> namesIn(int dir_fd) {
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  // Opened anew: readdir moves the descriptor's offset, which dup(2) would share.
  UniqueFd own = openFolder(dir_fd, ".");
  if (!own) {
    return systemError(errno, "open a folder to list it");
  }
  const std::unique_ptr<DIR, Close> dir(::fdopendir(own.get()));
  if (!dir) {
    return systemError(errno, "fdopendir");
  }
  (void)own.release();
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    if (entry == nullptr) {
      break;
    }
    std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(std::move(name));
    }
  }
  if (errno != 0) {
    return systemError(errno, "readdir");
  }
  return names;
}

Result<void> removeTree(int parent_fd, const char* name) {
  const Result<bool> removed = removeFile(parent_fd, name);
  if (!removed) {
    return removed.error();
  }
  if (*removed) {
    return {};
  }
  const UniqueFd top = openFolder(parent_fd, name);
  if (!top) {
    return systemError(errno, std::string("open ") + name + " to remove it");
  }
  const Result<void> emptied = removeAllIn(top.get());
  if (!emptied) {
    return emptied.error().during(std::string("remove ") + name);
  }
  if (::unlinkat(parent_fd, name, AT_REMOVEDIR) != 0) {
    return systemError(errno, std::string("remove folder ") + name);
  }
  return {};
}

}  // namespace tango::base
