#include "sandbox/parts/mounts.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tango::sandbox {
namespace {

using base::systemError;

// The new root is put together here, in a mount namespace where nobody else looks.
constexpr const char* kBuildSite = "/tmp";

constexpr std::array kDevices = {"null", "zero", "full", "random", "urandom", "tty"};

struct Tree {
  UniqueFd fd;
  std::string target;
};

// A detached copy of the mounts at `source`, to be put where it belongs later: the build site may
// hide the path by then.
Result<UniqueFd> copyTree(const std::string& source, std::uint64_t attributes) {
  UniqueFd tree(
      ::open_tree(AT_FDCWD, source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (!tree) {
    return systemError(errno, "open_tree " + source);
  }
  mount_attr wanted{};
  wanted.attr_set = attributes;
  if (attributes != 0 &&
      ::mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted, sizeof wanted) != 0) {
    return systemError(errno, "mount_setattr " + source);
  }
  return tree;
}

Result<std::vector<Tree>> copyTrees(const RootPlan& plan) {
  std::vector<Tree> trees;
  const auto add = [&trees](const std::string& source, std::string target,
                            std::uint64_t attributes) -> Result<void> {
    Result<UniqueFd> tree = copyTree(source, attributes);
    if (!tree) {
      return tree.error();
    }
    trees.push_back({*std::move(tree), std::move(target)});
    return {};
  };
  for (const RootPlan::Bind& bind : plan.binds) {
    const Result<void> added =
        add(bind.source, bind.target, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (!added) {
      return added.error();
    }
  }
  for (const char* device : kDevices) {
    const std::string path = std::string("/dev/") + device;
    const Result<void> added = add(path, path, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    if (!added) {
      return added.error();
    }
  }
  if (const Result<void> added = add("/proc", "/proc", 0); !added) {
    return added.error();
  }
  return trees;
}

Result<void> makeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    return systemError(errno, "mkdir " + path);
  }
  return {};
}

Result<void> writeFile(const std::string& path, const std::string& content) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file ||
      ::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    return systemError(errno, "write " + path);
  }
  return {};
}

Result<void> makeLink(const std::string& target, const std::string& path) {
  if (::symlink(target.c_str(), path.c_str()) != 0) {
    return systemError(errno, "symlink " + path);
  }
  return {};
}

// All that is not a mount: folders, files and links of the new root's own tmpfs.
Result<void> makeSkeleton(const RootPlan& plan) {
  const std::string root = kBuildSite;
  for (const char* folder : {"/dev", "/dev/pts", "/dev/shm", "/home", "/proc", "/tmp"}) {
    if (Result<void> made = makeFolder(root + folder); !made) {
      return made;
    }
  }
  for (const std::string& folder : plan.folders) {
    if (Result<void> made = makeFolder(root + folder); !made) {
      return made;
    }
  }
  for (const RootPlan::File& file : plan.files) {
    if (Result<void> made = writeFile(root + file.path, file.content); !made) {
      return made;
    }
  }
  for (const RootPlan::Link& link : plan.links) {
    if (Result<void> made = makeLink(link.target, root + link.path); !made) {
      return made;
    }
  }
  constexpr std::array<std::array<const char*, 2>, 5> kDeviceLinks = {{
      {"pts/ptmx", "/dev/ptmx"},
      {"/proc/self/fd", "/dev/fd"},
      {"/proc/self/fd/0", "/dev/stdin"},
      {"/proc/self/fd/1", "/dev/stdout"},
      {"/proc/self/fd/2", "/dev/stderr"},
  }};
  for (const auto& [target, path] : kDeviceLinks) {
    if (Result<void> made = makeLink(target, root + path); !made) {
      return made;
    }
  }
  return {};
}

// A mount covers a thing of its own kind: a folder or a file, made where it is missing.
Result<void> makeTarget(const Tree& tree, const std::string& path) {
  struct stat source{};
  if (::fstat(tree.fd.get(), &source) != 0) {
    return systemError(errno, "stat the source of " + tree.target);
  }
  if (S_ISDIR(source.st_mode)) {
    return makeFolder(path);
  }
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  return file ? Result<void>() : systemError(errno, "make " + path);
}

Result<void> placeTree(const Tree& tree) {
  const std::string path = kBuildSite + tree.target;
  if (Result<void> made = makeTarget(tree, path); !made) {
    return made;
  }
  if (::move_mount(tree.fd.get(), "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return systemError(errno, "move_mount " + tree.target);
  }
  return {};
}

// pivot_root(2) with both paths "." stacks the old root over the new one, so that one detaching
// umount leaves nothing of it.
Result<void> pivot() {
  if (::chdir(kBuildSite) != 0) {
    return systemError(errno, "chdir to the new root");
  }
  if (::syscall(SYS_pivot_root, ".", ".") != 0) {
    return systemError(errno, "pivot_root");
  }
  if (::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
    return systemError(errno, "detach the old root");
  }
  mount_attr wanted{};
  wanted.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (::mount_setattr(AT_FDCWD, "/", 0, &wanted, sizeof wanted) != 0) {
    return systemError(errno, "make the root read-only");
  }
  return {};
}

Result<void> mountAt(const char* what, const char* type, const char* target, unsigned long flags,
                     const std::string& options) {
  if (::mount(what, target, type, flags, options.c_str()) != 0) {
    return systemError(errno,
                       std::string("mount ") + (type != nullptr ? type : what) + " on " + target);
  }
  return {};
}

// Exactly of this mode, since init's umask is zero.
Result<void> makeScratchFolder(const char* path, mode_t mode) {
  const bool made = ::mkdir(path, mode) == 0;
  return made ? Result<void>() : systemError(errno, std::string("mkdir ") + path);
}

}  // namespace

Result<void> enterRoot(const RootPlan& plan) {
  // Nothing that is mounted from here on may appear on the host.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
    return systemError(errno, "make the host's mounts private");
  }
  Result<std::vector<Tree>> trees = copyTrees(plan);
  if (!trees) {
    return trees.error();
  }
  Result<void> done =
      mountAt("tango-root", "tmpfs", kBuildSite, MS_NOSUID, "size=4m,nr_inodes=4096,mode=0755");
  if (!done) {
    return done;
  }
  if (done = makeSkeleton(plan); !done) {
    return done;
  }
  for (const Tree& tree : *trees) {
    if (done = placeTree(tree); !done) {
      return done;
    }
  }
  return pivot();
}

Result<void> mountScratch(std::uint64_t disk_bytes, std::uint64_t disk_inodes, JobUser user) {
  // A bind needs its source in sight, so /home first shows the whole tmpfs and last only its part.
  Result<void> done = mountAt(
      "tango-scratch", "tmpfs", "/home", MS_NOSUID | MS_NODEV,
      "mode=0755,size=" + std::to_string(disk_bytes) + ",nr_inodes=" + std::to_string(disk_inodes));
  if (!done) {
    return done;
  }
  struct Part {
    const char* source;
    const char* target;
    mode_t mode;
  };
  constexpr std::array<Part, 4> kParts = {{{"/home/tmp", "/tmp", 01777},
                                           {"/home/vartmp", "/var/tmp", 01777},
                                           {"/home/shm", "/dev/shm", 01777},
                                           {"/home/home", "/home", 0755}}};
  for (const Part& part : kParts) {
    if (done = makeScratchFolder(part.source, part.mode); !done) {
      return done;
    }
  }
  for (const Part& part : kParts) {
    if (done = mountAt(part.source, nullptr, part.target, MS_BIND, ""); !done) {
      return done;
    }
  }
  for (const char* folder : {kHome, kWorkFolder}) {
    if (done = makeScratchFolder(folder, 0755); !done) {
      return done;
    }
    if (::chown(folder, user.uid, user.gid) != 0) {
      return systemError(errno, std::string("chown ") + folder);
    }
  }
  constexpr unsigned long kNoDevices = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (done = mountAt("proc", "proc", "/proc", kNoDevices, "hidepid=2"); !done) {
    return done;
  }
  return mountAt("devpts", "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
                 "newinstance,ptmxmode=0666,mode=0620,max=64");
}

DiskUse scratchUse() {
  struct statfs fs{};
  if (::statfs("/home", &fs) != 0) {
    return {};
  }
  DiskUse use;
  use.bytes = (fs.f_blocks - fs.f_bfree) * static_cast<std::uint64_t>(fs.f_bsize);
  use.inodes = fs.f_files - fs.f_ffree;
  use.full = fs.f_bfree == 0 || fs.f_ffree == 0;
  return use;
}

}  // namespace tango::sandbox
