// What the sandbox believes of the kernel's mounts, pipes and sockets.
#include <doctest/doctest.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kernel/in_child.hpp"
#include "sandbox/protocol.hpp"
#include "support/temp_folder.hpp"

namespace tango {
namespace {

using test::cloneInto;
using test::inChild;
using test::needsRoot;
using test::ownMounts;
using test::statusOf;
using test::TempFolder;

constexpr uid_t kNobody = 65534;

bool writable(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return false;  // errno says why
  }
  ::close(file);
  return true;
}

// Mounts /proc in fresh user, mount and pid namespaces; 0 or an errno.
int mountProcInside(const std::string& target) {
  const pid_t child = cloneInto(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
  if (child == 0) {
    ::_exit(::mount("proc", target.c_str(), "proc", 0, nullptr) == 0 ? 0 : errno);
  }
  return statusOf(child);
}

// seq_read_iter in fs/seq_file.c starts anew at position zero.
TEST_CASE("a table of /proc/net that is open is written anew when it is read from its beginning") {
  const base::UniqueFd table(::open("/proc/self/net/sockstat", O_RDONLY | O_CLOEXEC));
  REQUIRE(table);
  const auto sockets = [&table] {
    std::array<char, 4096> text{};
    REQUIRE(::pread(table.get(), text.data(), text.size() - 1, 0) > 0);
    const std::string all = text.data();
    return all.substr(0, all.find('\n'));
  };
  const std::string before = sockets();
  std::vector<base::UniqueFd> many;  // more than other processes open and close meanwhile
  for (int i = 0; i < 500; ++i) {
    many.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  CHECK(before.starts_with("sockets: used "));
  CHECK(sockets() != before);
}

// mount_too_revealing in fs/namespace.c; user_namespaces(7).
TEST_CASE("a user namespace may mount a /proc only where one is fully visible already") {
  if (!needsRoot()) return;
  const TempFolder target;
  const std::string path = target.path().string();
  CHECK(inChild([&] {
          TANGO_EXPECT(ownMounts());
          TANGO_EXPECT(mountProcInside(path) == 0);
          TANGO_EXPECT(::mount("x", "/proc/sys", "tmpfs", 0, nullptr) == 0);
          TANGO_EXPECT(mountProcInside(path) == EPERM);
          TANGO_EXPECT(::umount("/proc/sys") == 0);
          TANGO_EXPECT(mountProcInside(path) == 0);
          TANGO_EXPECT(::umount2("/proc", MNT_DETACH) == 0);
          TANGO_EXPECT(mountProcInside(path) == EPERM);
          return 0;
        }) == 0);
}

// open_tree(2) and mount_setattr(2), Linux 5.12.
TEST_CASE("a copied tree of mounts is made read-only whole, and the original stays as it was") {
  if (!needsRoot()) return;
  const TempFolder folder;
  const std::string from = folder.path() / "from";
  const std::string to = folder.path() / "to";
  CHECK(inChild([&] {
          TANGO_EXPECT(::mkdir(from.c_str(), 0700) == 0 && ::mkdir(to.c_str(), 0700) == 0);
          TANGO_EXPECT(ownMounts());
          TANGO_EXPECT(::mount("x", from.c_str(), "tmpfs", 0, nullptr) == 0);
          TANGO_EXPECT(::mkdir((from + "/sub").c_str(), 0700) == 0);
          TANGO_EXPECT(::mount("x", (from + "/sub").c_str(), "tmpfs", 0, nullptr) == 0);
          const int tree = ::open_tree(AT_FDCWD, from.c_str(),
                                       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
          TANGO_EXPECT(tree >= 0);
          mount_attr wanted{};
          wanted.attr_set = MOUNT_ATTR_RDONLY;
          TANGO_EXPECT(
              ::mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted, sizeof wanted) == 0);
          TANGO_EXPECT(::move_mount(tree, "", AT_FDCWD, to.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0);
          TANGO_EXPECT(!writable(to + "/file") && errno == EROFS);
          TANGO_EXPECT(!writable(to + "/sub/file") && errno == EROFS);
          TANGO_EXPECT(writable(from + "/file") && writable(from + "/sub/file"));
          return 0;
        }) == 0);
}

// tmpfs(5).
TEST_CASE(
    "a tmpfs gives ENOSPC at its size and at its number of inodes, and a remount moves both") {
  if (!needsRoot()) return;
  const TempFolder folder;
  const std::string path = folder.path().string();
  CHECK(inChild([&] {
          TANGO_EXPECT(ownMounts());
          TANGO_EXPECT(::mount("x", path.c_str(), "tmpfs", 0, "size=64k,nr_inodes=5") == 0);
          const std::string block(4096, 'x');
          const int file = ::open((path + "/a").c_str(), O_WRONLY | O_CREAT, 0600);
          int blocks = 0;
          while (::write(file, block.data(), block.size()) == 4096) ++blocks;
          TANGO_EXPECT(blocks == 16 && errno == ENOSPC);
          for (const char* name : {"/b", "/c", "/d"}) TANGO_EXPECT(writable(path + name));
          TANGO_EXPECT(!writable(path + "/e") && errno == ENOSPC);  // the root is the fifth
          TANGO_EXPECT(::mount("x", path.c_str(), "tmpfs", MS_REMOUNT, "size=128k,nr_inodes=9") ==
                       0);
          TANGO_EXPECT(writable(path + "/e"));
          TANGO_EXPECT(::write(file, block.data(), block.size()) == 4096);
          TANGO_EXPECT(::mount("x", path.c_str(), "tmpfs", MS_REMOUNT, "size=4k") != 0);
          return 0;
        }) == 0);
}

// fs/pipe.c: a pipe's inode belongs to the file system user of its maker; proc_pid_fd(5): opening
// /proc/self/fd/N asks for the rights on that inode anew.
TEST_CASE("the user that a pipe was made as may open it by path, another may not") {
  if (!needsRoot()) return;
  const auto canOpen = [](uid_t maker) {
    return inChild([maker] {
      std::array<int, 2> ends{};
      ::setfsuid(maker);
      TANGO_EXPECT(::pipe(ends.data()) == 0);
      ::setfsuid(0);
      struct stat status{};
      TANGO_EXPECT(::fstat(ends[1], &status) == 0 && status.st_uid == maker);
      TANGO_EXPECT(::setresuid(kNobody, kNobody, kNobody) == 0);
      ::prctl(PR_SET_DUMPABLE, 1);
      return ::open(("/proc/self/fd/" + std::to_string(ends[1])).c_str(), O_WRONLY) >= 0 ? 0 : -2;
    });
  };
  CHECK(canOpen(kNobody) == 0);
  CHECK(canOpen(0) == -2);
}

// unix(7): SOCK_SEQPACKET "preserves message boundaries"; SCM_RIGHTS.
TEST_CASE("a packet socket keeps the borders of packets, carries descriptors and tells its end") {
  auto pair = sandbox::makeSocketPair();
  REQUIRE(pair.ok());
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const int from = pair->first.get();
  const int to = pair->second.get();
  REQUIRE(sandbox::sendMessage(from, sandbox::MessageType::kFile, "one", ends[1]).ok());
  REQUIRE(sandbox::sendMessage(from, sandbox::MessageType::kSync, "").ok());
  REQUIRE(sandbox::sendMessage(from, sandbox::MessageType::kRun, std::string(100'000, 'x')).ok());
  ::close(ends[1]);
  pair->first.reset();  // what was sent can be read all the same
  const auto one = sandbox::receiveMessage(to);
  REQUIRE((one.ok() && one->has_value()));
  CHECK((*one)->body == "one");
  REQUIRE((*one)->fd);
  CHECK(::write((*one)->fd.get(), "y", 1) == 1);
  CHECK((::fcntl((*one)->fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  char byte = 0;
  CHECK(::read(ends[0], &byte, 1) == 1);
  const auto two = sandbox::receiveMessage(to);
  REQUIRE((two.ok() && two->has_value()));
  CHECK((*two)->body.empty());
  CHECK_FALSE((*two)->fd);
  const auto three = sandbox::receiveMessage(to);
  REQUIRE((three.ok() && three->has_value()));
  CHECK((*three)->body.size() == 100'000);
  const auto end = sandbox::receiveMessage(to);
  CHECK((end.ok() && !end->has_value()));
  ::close(ends[0]);
}

// scm_detach_fds in net/core/scm.c: a descriptor that cannot be installed is dropped, with
// MSG_CTRUNC. That passes, and so is worth another try; a packet that is wrong is not.
TEST_CASE("a packet for whose descriptor this process has no room is an error of the system") {
  CHECK(inChild([] {
          auto pair = sandbox::makeSocketPair();
          TANGO_EXPECT(pair.ok());
          const int from = pair->first.get();
          TANGO_EXPECT(sandbox::sendMessage(from, sandbox::MessageType::kFile, "one", from).ok());
          const rlimit none{0, 0};
          TANGO_EXPECT(::setrlimit(RLIMIT_NOFILE, &none) == 0);
          const auto one = sandbox::receiveMessage(pair->second.get());
          TANGO_EXPECT(!one.ok());
          TANGO_EXPECT(one.error().kind() == base::ErrorKind::kSystem);
          return 0;
        }) == 0);
}

}  // namespace
}  // namespace tango
