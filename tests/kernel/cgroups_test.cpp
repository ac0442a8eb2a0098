// What the sandbox believes of control groups, version 1 and 2: whichever this host has is tried,
// the other is skipped with a word.
#include <ctime>
#include <filesystem>
#include <optional>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kernel/in_child.hpp"

namespace tango {
namespace {

using test::inChild;
using test::statusOf;
using test::writeText;

constexpr std::size_t kMiB = 1024 * 1024;

// A group for one experiment, removed when it is over.
class Group {
 public:
  Group(const std::string& hierarchy, const std::string& controller)
      : path_(hierarchy + "/tango-kernel-" + std::to_string(::getpid())) {
    std::error_code failure;
    const bool v2 = controller.empty()
                        ? false
                        : std::filesystem::exists(hierarchy + "/cgroup.controllers", failure);
    if (v2) writeText(hierarchy + "/cgroup.subtree_control", "+" + controller);
    REQUIRE(::mkdir(path_.c_str(), 0755) == 0);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() { ::rmdir(path_.c_str()); }

  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }
  bool set(const char* name, const std::string& value) const {
    return writeText(file(name), value);
  }
  bool enter() const { return set("cgroup.procs", "0"); }
  [[nodiscard]] long number(const char* name, const std::string& key = "") const {
    std::ifstream stream(file(name));
    std::string word;
    while (!key.empty() && stream >> word && word != key) {
    }
    long value = -1;
    stream >> value;
    return value;
  }

 private:
  std::string path_;
};

// Where `controller` is to be had as version 1 or 2, with the right to make groups there.
std::optional<std::string> hierarchy(const char* controller, bool v2) {
  const std::string v1_path = std::string("/sys/fs/cgroup/") + controller;
  std::string offered;
  std::getline(std::ifstream("/sys/fs/cgroup/cgroup.controllers"), offered);
  const bool have =
      v2 ? (" " + offered + " ").find(std::string(" ") + controller + " ") != std::string::npos
         : ::access((v1_path + "/cgroup.procs").c_str(), W_OK) == 0;
  const std::string path = v2 ? "/sys/fs/cgroup" : v1_path;
  if (!have || ::access(path.c_str(), W_OK) != 0) {
    MESSAGE("skipped: no control groups of version ", v2 ? 2 : 1, " to be had for ",
            std::string(controller));
    return std::nullopt;
  }
  return path;
}

void touch(std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ::munmap(memory, bytes);
}

// Forks until refused; how many came to be.
int forksUntilRefused() {
  int made = 0;
  std::array<pid_t, 20> children{};
  for (pid_t& child : children) {
    child = ::fork();
    if (child == 0) {
      ::alarm(20);
      for (;;) ::pause();
    }
    if (child < 0) break;
    ++made;
  }
  for (const pid_t child : children) {
    if (child > 0) {
      ::kill(child, SIGKILL);
      statusOf(child);
    }
  }
  return made;
}

void checkPids(const std::string& path) {
  const Group group(path, "pids");
  CHECK(inChild([&] {
          TANGO_EXPECT(group.set("pids.max", "5") && group.enter());
          TANGO_EXPECT(forksUntilRefused() == 4);
          TANGO_EXPECT(group.number("pids.events", "max") >= 1);
          return 0;
        }) == 0);
  CHECK(group.number("pids.events", "max") >= 1);  // it stays when its processes are gone
  if (::access(group.file("pids.peak").c_str(), F_OK) == 0) {
    CHECK(group.number("pids.peak") == 5);
  } else {
    MESSAGE("this kernel has no pids.peak (Linux 6.1): usage cannot say it");
  }
}

// Documentation/admin-guide/cgroup-v1/pids.rst
TEST_CASE("version 1's pids.max refuses forks, counts what it refused and remembers the peak") {
  if (const auto path = hierarchy("pids", false)) checkPids(*path);
}

// Documentation/admin-guide/cgroup-v2.rst, "PID"
TEST_CASE("version 2's pids.max refuses forks, counts what it refused and remembers the peak") {
  if (const auto path = hierarchy("pids", true)) checkPids(*path);
}

void checkMemory(const Group& group, const char* limit, const char* peak, const char* events) {
  CHECK(inChild([&] {
          TANGO_EXPECT(group.set(limit, std::to_string(32 * kMiB)) && group.enter());
          touch(16 * kMiB);
          TANGO_EXPECT(group.number(peak) >= static_cast<long>(16 * kMiB));
          const pid_t child = ::fork();
          if (child == 0) {
            writeText("/proc/self/oom_score_adj", "1000");
            touch(64 * kMiB);
            ::_exit(0);
          }
          TANGO_EXPECT(statusOf(child) == 1000 + SIGKILL);
          TANGO_EXPECT(group.number(events, "oom_kill") == 1);
          TANGO_EXPECT(group.number(peak) <= static_cast<long>(32 * kMiB));
          return 0;
        }) == 0);
}

// Documentation/admin-guide/cgroup-v1/memory.rst, sections 3 and 10
TEST_CASE("version 1's memory limit kills the one that takes too much, and its peak can be reset") {
  const auto path = hierarchy("memory", false);
  if (!path) return;
  const Group group(*path, "");
  checkMemory(group, "memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control");
  CHECK(group.set("memory.max_usage_in_bytes", "0"));
  CHECK(group.number("memory.max_usage_in_bytes") < static_cast<long>(16 * kMiB));
}

// Documentation/admin-guide/cgroup-v2.rst, "Memory"
TEST_CASE("version 2's memory limit kills the one that takes too much, and counts it") {
  const auto path = hierarchy("memory", true);
  if (!path) return;
  const Group group(*path, "memory");
  CHECK(group.set("memory.swap.max", "0"));
  checkMemory(group, "memory.max", "memory.peak", "memory.events");
}

// Documentation/admin-guide/cgroup-v1/cpuacct.rst
TEST_CASE("version 1 counts a group's user and system time, of processes that are gone too") {
  const auto path = hierarchy("cpuacct", false);
  if (!path) return;
  const Group group(*path, "");
  CHECK(inChild([&] {
          TANGO_EXPECT(group.enter());
          while (std::clock() < CLOCKS_PER_SEC / 10) {
          }
          return 0;
        }) == 0);
  constexpr long kNanosMin = 50'000'000;
  CHECK(group.number("cpuacct.usage_user") + group.number("cpuacct.usage_sys") > kNanosMin);
}

// cgroups(7): a group is removed by rmdir once no process is in it.
TEST_CASE("a group with a process in it cannot be removed, and one that is left can be at once") {
  for (const bool v2 : {false, true}) {
    const auto path = hierarchy("pids", v2);
    if (!path) continue;
    const std::string group = *path + "/tango-kernel-rmdir-" + std::to_string(::getpid());
    REQUIRE(::mkdir(group.c_str(), 0755) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) ::pause();
    }
    CHECK(writeText(group + "/cgroup.procs", std::to_string(child)));
    CHECK(::rmdir(group.c_str()) != 0);
    CHECK(errno == EBUSY);
    ::kill(child, SIGKILL);
    statusOf(child);
    CHECK(::rmdir(group.c_str()) == 0);
  }
}

}  // namespace
}  // namespace tango
