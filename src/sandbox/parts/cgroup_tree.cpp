#include <algorithm>
#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/parts/cgroup.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::sandbox {
namespace {

using base::systemError;

// In a delegated v2 group the service's own processes stand in this leaf, and jobs beside it.
constexpr const char* kServiceLeaf = "tango-service";

constexpr std::array<const char*, kControllers> kNamesV1 = {"memory", "pids", "cpu", "cpuacct",
                                                            "blkio"};
constexpr std::array<const char*, kControllers> kNamesV2 = {"memory", "pids", "cpu", "", "io"};

struct Mount {
  std::string root;  // the group that is shown at `point`
  std::string point;
  std::string type;
  std::vector<std::string> super_options;
};

// One line of /proc/self/mountinfo (proc(5)); the part behind " - " is type, source, options.
std::optional<Mount> parseMount(const std::string& line) {
  const std::size_t dash = line.find(" - ");
  if (dash == std::string::npos) {
    return std::nullopt;
  }
  const std::vector<std::string> left = split(line.substr(0, dash), ' ');
  const std::vector<std::string> right = split(line.substr(dash + 3), ' ');
  if (left.size() < 5 || right.size() < 3) {
    return std::nullopt;
  }
  return Mount{left[3], left[4], right[0], split(right[2], ',')};
}

// The path of this process's group in the hierarchy of `controller` ("" names v2's), from
// /proc/self/cgroup: lines "id:controllers:path".
std::string ownPath(const std::string& controller) {
  for (const std::string& line : split(readFileAt(AT_FDCWD, "/proc/self/cgroup"), '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      continue;
    }
    const auto names = split(line.substr(first + 1, second - first - 1), ',');
    if (std::find(names.begin(), names.end(), controller) != names.end()) {
      return line.substr(second + 1);
    }
  }
  return "";
}

std::string directoryOf(const Mount& mount, const std::string& own_path) {
  if (own_path.empty() || own_path == "/") {
    return mount.point;
  }
  if (mount.root == "/") {
    return mount.point + own_path;
  }
  return own_path.starts_with(mount.root) ? mount.point + own_path.substr(mount.root.size())
                                          : mount.point;
}

bool writable(const std::string& directory) {
  return ::access(directory.c_str(), W_OK) == 0 &&
         ::access((directory + "/cgroup.procs").c_str(), W_OK) == 0;
}

std::vector<Mount> cgroupMounts() {
  std::vector<Mount> mounts;
  for (const std::string& line : split(readFileAt(AT_FDCWD, "/proc/self/mountinfo"), '\n')) {
    std::optional<Mount> mount = parseMount(line);
    if (mount && mount->type.starts_with("cgroup")) {
      mounts.push_back(*std::move(mount));
    }
  }
  return mounts;
}

// The groups of this process: their directories by controller, or where version 2's are mounted.
struct Seen {
  std::vector<std::string> v1 = std::vector<std::string>(kControllers);
  std::optional<Mount> v2;

  // Both are mounted on some hosts, and version 2 has no controllers then.
  [[nodiscard]] bool isV1() const {
    return !v1[static_cast<std::size_t>(Controller::kMemory)].empty();
  }
};

Seen lookAround() {
  Seen seen;
  for (const Mount& mount : cgroupMounts()) {
    if (mount.type == "cgroup2") {
      seen.v2 = mount;
      continue;
    }
    for (std::size_t i = 0; i < kControllers; ++i) {
      const std::string name = kNamesV1.at(i);
      if (std::find(mount.super_options.begin(), mount.super_options.end(), name) !=
          mount.super_options.end()) {
        seen.v1[i] = directoryOf(mount, ownPath(name));
      }
    }
  }
  return seen;
}

bool holdsOnly(const std::string& directory, const std::vector<pid_t>& members) {
  const std::string procs = readFileAt(AT_FDCWD, (directory + "/cgroup.procs").c_str());
  for (const std::string& pid : split(procs, '\n')) {
    const bool ours = pid.empty() || std::any_of(members.begin(), members.end(), [&](pid_t member) {
                        return std::to_string(member) == pid;
                      });
    if (!ours) {
      return false;
    }
  }
  return true;
}

Result<void> moveToLeaf(const std::string& directory, const std::vector<pid_t>& members) {
  const std::string leaf = directory + "/" + kServiceLeaf;
  if (::mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) {
    return systemError(errno, "make control group " + leaf);
  }
  for (const pid_t member : members) {
    Result<void> moved =
        writeFileAt(AT_FDCWD, (leaf + "/cgroup.procs").c_str(), std::to_string(member));
    if (!moved) {
      return moved;
    }
  }
  return {};
}

}  // namespace

bool CgroupTree::has(Controller controller) const {
  return !parents_.at(static_cast<std::size_t>(controller)).empty();
}

void CgroupTree::openV1(const std::vector<std::string>& directories) {
  for (std::size_t i = 0; i < kControllers; ++i) {
    if (!directories[i].empty() && writable(directories[i])) {
      parents_.at(i) = directories[i];
    }
  }
  why_not_ =
      "the control groups (version 1) of this process belong to somebody else; run as root, or "
      "have the administrator make groups for you and start tango inside them";
}

bool CgroupTree::useV2(const std::string& directory) {
  const auto offered =
      split(readFileAt(AT_FDCWD, (directory + "/cgroup.controllers").c_str()), '\n');
  const auto controllers = split(offered.front(), ' ');
  const std::string control = directory + "/cgroup.subtree_control";
  for (std::size_t i = 0; i < kControllers; ++i) {
    const std::string name = kNamesV2.at(i);
    if (name.empty()) {
      parents_.at(i) = directory;  // cpu.stat is in every group
      continue;
    }
    const bool there = std::find(controllers.begin(), controllers.end(), name) != controllers.end();
    if (there && writeFileAt(AT_FDCWD, control.c_str(), "+" + name)) {
      parents_.at(i) = directory;
    }
  }
  return has(Controller::kMemory) && has(Controller::kPids);
}

void CgroupTree::openV2(const std::string& mount, const std::vector<pid_t>& members) {
  v2_ = true;
  std::string own = mount + ownPath("");
  if (own.ends_with(std::string("/") + kServiceLeaf)) {
    own.resize(own.rfind('/'));
  }
  const bool is_root = ::access((own + "/cgroup.type").c_str(), F_OK) != 0;
  why_not_ =
      "this control group is not delegated to tango; start it as a service with Delegate=yes, by "
      "hand with `systemd-run --user --scope -p Delegate=yes tango ...`, or as root";
  if (!is_root && writable(own) && holdsOnly(own, members) && moveToLeaf(own, members) &&
      useV2(own)) {
    return;
  }
  // The root group alone may have processes and hand on controllers at once; it takes root.
  if (writable(mount)) {
    useV2(mount);
  }
}

Result<CgroupTree> CgroupTree::open(const std::vector<pid_t>& members) {
  CgroupTree tree;
  tree.why_not_ = "no control groups are mounted at /sys/fs/cgroup";
  const Seen seen = lookAround();
  if (seen.isV1()) {
    tree.openV1(seen.v1);
  } else if (seen.v2) {
    tree.openV2(seen.v2->point, members);
  }
  return tree;
}

Result<Cgroup> Cgroup::openOwn() {
  const Seen seen = lookAround();
  if (!seen.isV1() && !seen.v2) {
    return base::Error(base::ErrorKind::kUnsupported,
                       "no control groups are mounted at /sys/fs/cgroup");
  }
  Cgroup group;
  group.borrowed_ = true;
  group.v2_ = !seen.isV1();
  group.place_of_.fill(-1);
  for (std::size_t i = 0; i < kControllers; ++i) {
    const std::string path = group.v2_ ? directoryOf(*seen.v2, ownPath("")) : seen.v1[i];
    UniqueFd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (dir) {
      group.place_of_.at(i) = static_cast<int>(group.places_.size());
      group.places_.push_back({path, "", std::move(dir), {}});
    }
  }
  group.base_ = group.counters();
  return group;
}

Result<Cgroup> CgroupTree::create(const std::string& name) const {
  Cgroup group;
  group.v2_ = v2_;
  group.place_of_.fill(-1);
  for (std::size_t i = 0; i < kControllers; ++i) {
    if (parents_.at(i).empty()) {
      continue;
    }
    const auto same =
        std::find_if(group.places_.begin(), group.places_.end(),
                     [&](const Cgroup::Place& place) { return place.parent == parents_.at(i); });
    group.place_of_.at(i) = static_cast<int>(same - group.places_.begin());
    if (same == group.places_.end()) {
      Result<Cgroup::Place> place = Cgroup::makePlace(parents_.at(i), name);
      if (!place) {
        return place.error();
      }
      group.places_.push_back(*std::move(place));
    }
  }
  return group;
}

void CgroupTree::sweepIf(const std::string& prefix, bool (*wanted)(std::string_view rest)) const {
  for (const std::string& parent : parents_) {
    DIR* const directory = parent.empty() ? nullptr : ::opendir(parent.c_str());
    if (directory == nullptr) {
      continue;
    }
    while (const dirent* entry = ::readdir(directory)) {
      const std::string_view name = entry->d_name;
      if (name.starts_with(prefix) && wanted(name.substr(prefix.size()))) {
        ::rmdir((parent + "/" + entry->d_name).c_str());  // fails where a process is inside
      }
    }
    ::closedir(directory);
  }
}

void CgroupTree::sweep(const std::string& prefix) const {
  sweepIf(prefix, [](std::string_view /*rest*/) { return true; });
}

void CgroupTree::sweepDead(const std::string& prefix) const {
  sweepIf(prefix, [](std::string_view rest) {
    const auto owner = leadingNumber(rest);
    return owner && ::access(("/proc/" + std::to_string(*owner)).c_str(), F_OK) != 0;
  });
}

}  // namespace tango::sandbox
