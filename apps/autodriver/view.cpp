#include "autodriver/view.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "autodriver/student_slots.hpp"
#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using base::systemError;
using base::UniqueFd;

// The one tmpfs is mounted here first, its parts are then shown where they belong, and one of them
// covers it in the end.
constexpr const char* kBase = kScratchView;

struct Part {
  std::string target;
  const char* name;  // within the tmpfs
  mode_t mode;
};

bool isSameFolder(const std::string& a, const std::string& b) {
  struct stat first{};
  struct stat second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

Result<void> mountTmpfs(const ViewPlan& plan, std::size_t parts) {
  std::string options = "mode=0755";
  if (plan.disk_bytes != 0) {
    options += ",size=" + std::to_string(plan.disk_bytes);
  }
  if (plan.disk_inodes != 0) {
    options += ",nr_inodes=" + std::to_string(plan.disk_inodes + parts + 1);
  }
  if (::mount("autodriver", kBase, "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    return systemError(errno, std::string("mount a tmpfs at ") + kBase);
  }
  return {};
}

Result<void> makePart(const ViewPlan& plan, const Part& part) {
  const std::string source = std::string(kBase) + "/" + part.name;
  const bool is_home = part.target == plan.home;
  if (::mkdir(source.c_str(), 0700) != 0 ||
      (is_home && ::chown(source.c_str(), plan.uid, plan.gid) != 0) ||
      ::chmod(source.c_str(), part.mode) != 0) {
    return systemError(errno, "make " + source);
  }
  return {};
}

Result<void> showPart(const Part& part) {
  const std::string source = std::string(kBase) + "/" + part.name;
  if (::mount(source.c_str(), part.target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return systemError(errno, "show " + part.target);
  }
  return {};
}

Result<void> makeScratch(const ViewPlan& plan) {
  std::vector<Part> parts = {{plan.home, "home", 0755}};
  for (const Part& part : {Part{"/var/tmp", "var-tmp", 01777}, Part{"/dev/shm", "shm", 01777}}) {
    struct stat about{};
    const bool there = ::stat(part.target.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
    if (there && !isSameFolder(part.target, kBase)) {
      parts.push_back(part);
    }
  }
  parts.push_back({kBase, "tmp", 01777});  // last: it covers the rest
  if (Result<void> mounted = mountTmpfs(plan, parts.size()); !mounted) {
    return mounted;
  }
  for (const Part& part : parts) {
    if (Result<void> made = makePart(plan, part); !made) {
      return made;
    }
  }
  for (const Part& part : parts) {
    if (Result<void> shown = showPart(part); !shown) {
      return shown;
    }
  }
  return {};
}

Result<void> mountFolder(const std::string& folder, const std::string& options) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return systemError(errno, "make " + folder);
  }
  if (::mount("autodriver", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    return systemError(errno, "mount a tmpfs at " + folder);
  }
  return {};
}

// All together have as much room as the job: a job that is all a student's may use it, too.
Result<void> makeStudentSlots(const ViewPlan& plan) {
  const auto share = [](const char* option, std::uint64_t all, std::uint64_t least) {
    const std::uint64_t part = std::max(all / sandbox::kStudentRunsMax, least);
    return all == 0 ? "" : "," + (option + std::to_string(part));
  };
  const std::string room = "mode=0700" + share("size=", plan.disk_bytes, 256 * 1024) +
                           share("nr_inodes=", plan.disk_inodes, 64);
  Result<void> made = mountFolder(kStudentFolder, "mode=0755,size=64k,nr_inodes=64");
  for (unsigned slot = 0; made && slot < sandbox::kStudentRunsMax; ++slot) {
    made = mountFolder(slotFolder(slot), room);
  }
  return made;
}

Result<void> makeReadOnly() {
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  if (::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) !=
      0) {
    return systemError(errno, "make the rest read-only (mount_setattr, Linux 5.12)");
  }
  return {};
}

// A copy of the tree, elsewhere than at the namespace's own root. The kernel lets nobody make a
// user namespace from there, in which a job could mount a tmpfs of its own, beyond the bound
// (current_chrooted in create_user_ns). It is put on /proc, as that is covered anyway.
Result<void> moveRootAside() {
  if (::mount("/", "/proc", nullptr, MS_BIND | MS_REC, nullptr) != 0 || ::chroot("/proc") != 0 ||
      ::chdir("/") != 0) {
    return systemError(errno, "move the root");
  }
  return {};
}

// Services that would start a process for the job outside of its limits.
Result<void> hideServices() {
  for (const char* folder : {"/run/dbus", "/run/user"}) {
    struct stat about{};
    if (::lstat(folder, &about) == 0 && S_ISDIR(about.st_mode) &&
        ::mount("autodriver", folder, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV,
                "mode=0755,size=4k") != 0) {
      return systemError(errno, std::string("hide ") + folder);
    }
  }
  return {};
}

Result<void> makeFileIn(const std::string& folder, const std::string& path,
                        const std::string& content) {
  for (std::size_t at = folder.size() + 1; (at = path.find('/', at)) != std::string::npos; ++at) {
    ::mkdir(path.substr(0, at).c_str(), 0755);
  }
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file || ::fchmod(file.get(), 0644) != 0) {
    return systemError(errno, "make " + path);
  }
  return base::writeAll(file.get(), content, path);
}

// systemd has the name servers in a file of /run.
Result<void> hideRun(const ViewPlan& plan) {
  const std::string run = "/run";
  std::array<char, PATH_MAX> resolver{};
  const bool resolves = plan.network && ::realpath("/etc/resolv.conf", resolver.data()) != nullptr;
  const std::string path = resolves ? resolver.data() : "";
  const std::string servers = sandbox::readFileAt(AT_FDCWD, path.c_str());
  if (::mount("autodriver", run.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
              "mode=0755,size=1m,nr_inodes=64") != 0) {
    return systemError(errno, "hide " + run);
  }
  if (!path.starts_with(run + "/")) {
    return {};
  }
  const mode_t before = ::umask(022);
  Result<void> made = makeFileIn(run, path, servers);
  ::umask(before);
  return made;
}

}  // namespace

Result<void> makeView(const ViewPlan& plan) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return systemError(errno, "make the mounts private");
  }
  if (Result<void> hidden = plan.hide_run ? hideRun(plan) : hideServices(); !hidden) {
    return hidden;
  }
  if (plan.bounded()) {
    if (Result<void> moved = moveRootAside(); !moved) {
      return moved;
    }
    if (plan.students && ::mkdir(kStudentFolder, 0700) != 0) {
      return systemError(errno, std::string("make ") + kStudentFolder);
    }
    if (Result<void> read_only = makeReadOnly(); !read_only) {
      return read_only;
    }
    if (Result<void> slots = plan.students ? makeStudentSlots(plan) : Result<void>(); !slots) {
      return slots;
    }
    if (Result<void> made = makeScratch(plan); !made) {
      return made;
    }
  }
  // Root's group is the one that sees all: root itself may lack the right by which it would.
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2,gid=0") != 0) {
    return systemError(errno, "mount /proc");
  }
  return {};
}

}  // namespace tango::autodriver
