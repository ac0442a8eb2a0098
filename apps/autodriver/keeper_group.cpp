#include "autodriver/keeper_group.hpp"

#include <array>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using sandbox::leadingNumber;
using sandbox::readFileAt;
using sandbox::split;
using sandbox::writeFileAt;

const std::string kTop = "/sys/fs/cgroup";

std::vector<std::string> groupsIn(const std::string& folder) {
  std::vector<std::string> found;
  DIR* const list = ::opendir(folder.c_str());
  if (list == nullptr) {
    return found;
  }
  while (const dirent* entry = ::readdir(list)) {
    const std::string name = entry->d_name;
    if (entry->d_type == DT_DIR && !name.starts_with(".")) {
      found.push_back(name);
    }
  }
  ::closedir(list);
  return found;
}

// Only empty groups go.
void removeWithInner(const std::string& path) {
  for (const std::string& inner : groupsIn(path)) {
    ::rmdir((path + "/" + inner).c_str());
  }
  ::rmdir(path.c_str());
}

void sweepDead(const std::string& prefix) {
  for (const std::string& name : groupsIn(kTop)) {
    const auto owner =
        name.starts_with(prefix) ? leadingNumber(name.substr(prefix.size())) : std::nullopt;
    if (owner && ::access(("/proc/" + std::to_string(*owner)).c_str(), F_OK) != 0) {
      removeWithInner(kTop + "/" + name);
    }
  }
}

bool moveTo(const std::string& group) {
  const std::string procs = group + "/cgroup.procs";
  return writeFileAt(AT_FDCWD, procs.c_str(), std::to_string(::getpid())).ok();
}

std::string ownGroup() {
  for (const std::string& line : split(readFileAt(AT_FDCWD, "/proc/self/cgroup"), '\n')) {
    if (line.starts_with("0::/")) {
      return kTop + line.substr(3);
    }
  }
  return kTop;
}

}  // namespace

std::string containerGroupPrefix() {
  struct stat about{};
  const bool known = ::stat("/proc/self/ns/pid", &about) == 0;
  return "tango-drive-" + std::to_string(known ? about.st_ino : 0) + "-";
}

KeeperGroup::KeeperGroup() {
  if (::access((kTop + "/cgroup.controllers").c_str(), F_OK) != 0) {
    static_cast<void>(moveTo(kTop + "/unified"));
    static_cast<void>(moveTo(kTop + "/systemd"));
    return;
  }
  before_ = ownGroup();
  const std::string prefix = containerGroupPrefix();
  sweepDead(prefix);
  for (const char* controller : {"+memory", "+pids", "+cpu", "+io"}) {
    static_cast<void>(
        writeFileAt(AT_FDCWD, (kTop + "/cgroup.subtree_control").c_str(), controller));
  }
  const std::string path = kTop + "/" + prefix + std::to_string(::getpid());
  if (::mkdir(path.c_str(), 0755) != 0) {
    return;
  }
  if (moveTo(path)) {
    path_ = path;
  } else {
    ::rmdir(path.c_str());
  }
}

KeeperGroup::~KeeperGroup() {
  if (!path_.empty() && (moveTo(before_) || moveTo(kTop))) {
    removeWithInner(path_);
  }
}

}  // namespace tango::autodriver
