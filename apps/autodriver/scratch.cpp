#include "autodriver/scratch.hpp"

#include <algorithm>

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

namespace tango::autodriver {
namespace {

bool isScratch(const std::string& folder) {
  struct statfs about{};
  return ::statfs(folder.c_str(), &about) == 0 && about.f_type == TMPFS_MAGIC &&
         (about.f_flags & ST_RDONLY) == 0;
}

}  // namespace

ScratchUse scratchUse(const std::vector<std::string>& folders) {
  ScratchUse use;
  for (const std::string& folder : folders) {
    struct statfs about{};
    if (::statfs(folder.c_str(), &about) != 0) {
      continue;
    }
    const bool bytes_gone = about.f_blocks != 0 && about.f_bavail == 0;
    const bool inodes_gone = about.f_files != 0 && about.f_ffree == 0;
    use.bytes += (about.f_blocks - about.f_bfree) * static_cast<std::uint64_t>(about.f_bsize);
    use.inodes += about.f_files - about.f_ffree;
    use.full = use.full || bytes_gone || inodes_gone;
  }
  return use;
}

std::vector<std::string> scratchAmong(const std::vector<std::string>& folders) {
  std::vector<std::string> found;
  std::vector<dev_t> devices;
  for (const std::string& folder : folders) {
    struct stat about{};
    if (!isScratch(folder) || ::stat(folder.c_str(), &about) != 0 ||
        std::find(devices.begin(), devices.end(), about.st_dev) != devices.end()) {
      continue;
    }
    devices.push_back(about.st_dev);
    found.push_back(folder);
  }
  return found;
}

drive::TreeBounds roomIn(const std::string& folder, drive::TreeBounds bounds) {
  struct statfs about{};
  if (::statfs(folder.c_str(), &about) != 0) {
    return bounds;
  }
  if (about.f_blocks != 0) {
    bounds.bytes_max =
        std::min(bounds.bytes_max, about.f_bavail * static_cast<std::uint64_t>(about.f_bsize));
  }
  if (about.f_files != 0) {
    bounds.entries_max = std::min(bounds.entries_max, about.f_ffree);
  }
  return bounds;
}

}  // namespace tango::autodriver
