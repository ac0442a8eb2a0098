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
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "drive/report_reader.hpp"
#include "drive/tree_stream.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::test {
namespace {

namespace fs = std::filesystem;
using autodriver::Child;
using base::Millis;
using base::UniqueFd;
using drive::RecordHead;
using drive::RecordKind;
using drive::Tell;

constexpr const char* kHome = "/home/autograde";
constexpr unsigned kUid = 1901;  // nobody else's on this machine, see RLIMIT_NPROC
constexpr Millis kPatience{60'000};

struct Ends {
  UniqueFd read;
  UniqueFd write;
};

Ends makePipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

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

std::string streamOf(const Files& files) {
  std::string stream;
  for (const auto& [name, content] : files) {
    RecordHead head;
    head.kind = RecordKind::kFile;
    head.mode = 0644;
    head.mtime_s = 1'000'000'000;
    drive::appendRecord(stream, head, name, "");
    for (std::size_t at = 0; at < content.size(); at += drive::kChunkBytes) {
      drive::appendChunk(stream, std::string_view(content).substr(at, drive::kChunkBytes));
    }
    drive::appendChunk(stream, "");
  }
  drive::appendRecord(stream, {}, "", "");
  return stream;
}

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
  Ends in = makePipe();
  Ends out = makePipe();
  Ends go = makePipe();
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

void Container::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(to_.get(), bytes.data(), bytes.size());
    REQUIRE(n > 0);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Container::ask(drive::Ask ask) {
  drive::Request request;
  request.ask = ask;
  send({reinterpret_cast<const char*>(&request), sizeof request});
}

void Container::askRun(const model::RunLimits& limits) {
  const drive::Request request = drive::runRequest(limits);
  send({reinterpret_cast<const char*>(&request), sizeof request});
}

Reply Container::reply() {
  const auto read_all = [&](void* to, std::size_t size) {
    for (std::size_t have = 0; have < size;) {
      pollfd one{from_.get(), POLLIN, 0};
      REQUIRE_MESSAGE(::poll(&one, 1, static_cast<int>(kPatience.count())) == 1, "no reply came");
      const ssize_t n = ::read(from_.get(), static_cast<char*>(to) + have, size - have);
      REQUIRE_MESSAGE(n > 0, "it ended: ", lastWord());
      have += static_cast<std::size_t>(n);
    }
  };
  drive::ReplyHead head;
  read_all(&head, sizeof head);
  REQUIRE(head.size <= drive::kPayloadMax);
  Reply reply{head.tell, std::string(head.size, '\0')};
  read_all(reply.payload.data(), reply.payload.size());
  return reply;
}

void Container::waitReady() {
  const Reply ready = reply();
  REQUIRE_MESSAGE(ready.tell == Tell::kReady, ready.payload);
  REQUIRE(ready.payload == std::string("\x01\0\0\0", 4));
}

std::optional<base::Error> Container::giveStream(std::string_view stream) {
  ask(drive::Ask::kFiles);
  send(stream);
  const Reply answer = reply();
  if (answer.tell == Tell::kFailed) {
    return drive::decodeFailure(answer.payload);
  }
  REQUIRE(answer.tell == Tell::kDone);
  return std::nullopt;
}

std::optional<base::Error> Container::giveFiles(const Files& files) {
  return giveStream(streamOf(files));
}

Served Container::takeRun() {
  Served served;
  for (;;) {
    const Reply next = reply();
    if (next.tell == Tell::kLive) {
      const auto live = drive::decodeLive(next.payload);
      REQUIRE(live.ok());
      served.live.emplace_back(live->offset, live->bytes);
      continue;
    }
    if (next.tell == Tell::kFailed) {
      served.failure = drive::decodeFailure(next.payload);
      return served;
    }
    REQUIRE(next.tell == Tell::kOutcome);
    const auto outcome = drive::parseReport(next.payload);
    REQUIRE(outcome.ok());
    served.outcome = *outcome;
    return served;
  }
}

std::string Container::takeOutput() {
  ask(drive::Ask::kOutput);
  std::string text;
  for (;;) {
    const Reply next = reply();
    if (next.tell != Tell::kText) {
      REQUIRE(next.tell == Tell::kDone);
      return text;
    }
    text += next.payload;
  }
}

Served Container::serve(const std::string& recipe, const model::RunLimits& limits) {
  waitReady();
  REQUIRE(!giveFiles({{"Makefile", "all:\n\t@" + recipe + "\n"}}));
  askRun(limits);
  return takeRun();
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
