#include "autodriver/stand_by_container.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::test {
namespace {

namespace fs = std::filesystem;
using autodriver::Child;
using base::Millis;
using base::UniqueFd;

constexpr const char* kHome = "/home/autograde";
constexpr unsigned kUid = 1901;  // nobody else's on this machine, see RLIMIT_NPROC
constexpr Millis kPatience{60'000};

// Everything from here to enter() runs in the container's first process, which says what failed on
// its stderr and ends.
void mustBeOk(bool ok, const std::string& what) {
  if (!ok) {
    ::dprintf(STDERR_FILENO, "%s: %s\n", what.c_str(), ::strerror(errno));
    ::_exit(99);
  }
}

void mountTmpfs(const std::string& at, const std::string& options) {
  mustBeOk(::mount("tmpfs", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0,
           "mount " + at);
}

void mountScratch(const ContainerPlan& plan) {
  const std::string size =
      "size=" + std::to_string(plan.disk_bytes) + ",nr_inodes=" + std::to_string(plan.disk_inodes);
  for (const char* folder : {"/tmp", "/var/tmp", "/dev/shm"}) {
    mountTmpfs(folder, size + ",mode=1777");
  }
  if (plan.any_home) {
    const std::string id = std::to_string(kUid);
    mountTmpfs(plan.whole_home ? kHome : std::string(kHome) + "/autolab",
               size + (plan.owned_home ? ",mode=0755,uid=" + id + ",gid=" + id : ",mode=1777"));
  }
}

// Each hierarchy shows the container's group alone, as an engine has it.
void showGroups() {
  for (const std::string& line :
       sandbox::split(sandbox::readFileAt(AT_FDCWD, "/proc/self/cgroup"), '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos || line.substr(second + 1) == "/") {
      continue;
    }
    std::string names = line.substr(first + 1, second - first - 1);
    names = names.starts_with("name=") ? names.substr(5) : names;
    const std::string at = names.empty() ? "/sys/fs/cgroup" : "/sys/fs/cgroup/" + names;
    const std::string own = at + line.substr(second + 1);
    if (fs::exists(own)) {
      mustBeOk(::mount(own.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) == 0, "mount " + own);
    }
  }
}

void dropRights() {
  constexpr std::array kKept = {CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP};
  for (int capability = 0; capability < 64; ++capability) {
    if (std::find(kKept.begin(), kKept.end(), capability) == kKept.end()) {
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }
  mustBeOk(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "set no_new_privs");
}

struct Streams {
  int in;
  int out;
  int words;
  int go;
};

int enter(const ContainerPlan& plan, const Streams& streams) {
  char go = 0;
  static_cast<void>(!::read(streams.go, &go, 1));  // by then it is in its groups
  ::dup2(streams.in, 0);
  ::dup2(streams.out, 1);
  ::dup2(streams.words, 2);
  mustBeOk(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  showGroups();
  mountScratch(plan);
  mustBeOk(::mount("proc", "/proc", "proc", 0, nullptr) == 0, "mount /proc");
  mustBeOk(::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0,
           "make the root read-only");
  dropRights();
  const std::string lease = "--lease=" + std::to_string(plan.lease_s);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execle(
      "/usr/local/bin/autodriver", "autodriver", "--stand-by", lease.c_str(),
      static_cast<char*>(nullptr),
      std::array<const char*, 4>{"PATH=/usr/bin:/bin", "JAVA_HOME=/java", "A_SECRET=s", nullptr}
          .data());
  mustBeOk(false, "execute autodriver");
  return 99;
}

std::optional<sandbox::Cgroup> makeGroup(const ContainerPlan& plan) {
  static int number = 0;
  const auto tree = sandbox::CgroupTree::open({::getpid()});
  if (!tree || !tree->has(sandbox::Controller::kMemory) || !tree->has(sandbox::Controller::kPids)) {
    return std::nullopt;
  }
  auto group = tree->create("stand-by-test-" + std::to_string(::getpid()) + "-" +
                            std::to_string(::time(nullptr)) + "-" + std::to_string(++number));
  REQUIRE(group.ok());
  sandbox::CgroupLimits limits;
  limits.memory_bytes = plan.memory_bytes;
  limits.processes = plan.processes;
  REQUIRE(group->setLimits(limits).ok());
  return *std::move(group);
}

}  // namespace

Container::Container(const ContainerPlan& plan) : group_(makeGroup(plan)) {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  fs::create_directories(std::string(kHome) + "/autolab");
  std::ofstream("/etc/passwd") << "root:x:0:0::/root:/bin/sh\n"
                               << plan.user << ":x:" << kUid << ":" << kUid << "::" << kHome
                               << ":/bin/sh\n";
  StreamPair in = makeStream();
  StreamPair out = makeStream();
  StreamPair go = makeStream();
  words_.reset(::memfd_create("words", MFD_CLOEXEC));
  const Streams streams{in.read.get(), out.write.get(), words_.get(), go.read.get()};
  auto process = Child::startIn(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC,
                                [&] { return enter(plan, streams); });
  REQUIRE(process.ok());
  process_.emplace(*std::move(process));
  pid_ = process_->pid();
  if (group_) {
    REQUIRE(group_->attach(pid_).ok());
  }
  REQUIRE(::write(go.write.get(), "g", 1) == 1);
  to_ = std::move(in.write);
  from_ = std::move(out.read);
}

void Container::signal(int number) const {
  REQUIRE(::kill(pid_, number) == 0);
}

int Container::exitStatus() {
  const auto end = process_->waitUntil(base::after(kPatience));
  REQUIRE_MESSAGE(end, "it does not end");
  REQUIRE(WIFEXITED(end->wait_status));
  return WEXITSTATUS(end->wait_status);
}

std::string Container::lastWord() const {
  std::string text(1000, '\0');
  const ssize_t n = ::pread(words_.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  return text;
}

void Container::waitForFile(const std::string& path) const {
  const std::string seen = "/proc/" + std::to_string(pid_) + "/root" + path;
  const base::Deadline deadline = base::after(kPatience);
  while (!fs::exists(seen)) {
    REQUIRE_MESSAGE(base::SteadyClock::now() < deadline, path);
    ::usleep(2000);
  }
}

std::size_t Container::processes() const {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/root/proc")) {
    const std::string name = entry.path().filename();
    count += std::isdigit(static_cast<unsigned char>(name[0])) != 0 ? 1 : 0;
  }
  return count;
}

}  // namespace tango::test
