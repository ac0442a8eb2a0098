#include "autodriver/attached.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::test {
namespace {

namespace fs = std::filesystem;
using base::Millis;

constexpr Millis kPatience{60'000};
constexpr const char* kAutodriver = "/usr/local/bin/autodriver";

template <class Condition>
bool isReached(const Condition& condition) {
  const base::Deadline deadline = base::after(kPatience);
  while (!condition()) {
    if (base::SteadyClock::now() >= deadline) {
      return false;
    }
    ::usleep(2000);
  }
  return true;
}

std::string statusOf(pid_t pid) {
  return sandbox::readFileAt(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/status").c_str());
}

std::string field(const std::string& status, const std::string& name) {
  for (const std::string& line : sandbox::split(status, '\n')) {
    if (line.starts_with(name + ":\t")) {
      return line.substr(name.size() + 2);
    }
  }
  return "";
}

std::vector<pid_t> autodrivers() {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto pid = sandbox::leadingNumber(entry.path().filename().string());
    const std::string status = pid ? statusOf(static_cast<pid_t>(*pid)) : "";
    if (field(status, "Name") == "autodriver" && !field(status, "State").starts_with("Z")) {
      found.push_back(static_cast<pid_t>(*pid));
    }
  }
  return found;
}

// The groups of containers that this pid namespace has.
bool anyGroup() {
  struct stat about{};
  REQUIRE(::stat("/proc/self/ns/pid", &about) == 0);
  const std::string prefix = "tango-drive-" + std::to_string(about.st_ino) + "-";
  std::error_code failed;
  const auto options = fs::directory_options::skip_permission_denied;
  for (auto at = fs::recursive_directory_iterator("/sys/fs/cgroup", options, failed);
       at != fs::recursive_directory_iterator(); at.increment(failed)) {
    if (at->path().filename().string().starts_with(prefix)) {
      return true;
    }
  }
  return false;
}

// What a caller that is no friend gives: none of it may reach the job.
void beUnfriendly() {
  ::umask(0777);
  static_cast<void>(::nice(10));
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  ::sched_setaffinity(0, sizeof one, &one);
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::signal(SIGCHLD, SIG_IGN);
  static_cast<void>(::chdir("/tmp"));
}

}  // namespace

Attached::Attached(const AttachPlan& plan) {
  ::signal(SIGPIPE, SIG_IGN);
  StreamPair in = makeStream();
  StreamPair out = makeStream();
  words_.reset(::memfd_create("words", MFD_CLOEXEC));
  std::vector<std::string> words = {"autodriver", "--attach=" + plan.socket,
                                    "--user=" + std::to_string(kJobUid)};
  words.insert(words.end(), plan.options.begin(), plan.options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    ::dup2(in.read.get(), 0);
    ::dup2(out.write.get(), 1);
    ::dup2(words_.get(), 2);
    if (plan.by != 0) {
      beUnfriendly();
      if (::setresgid(plan.by, plan.by, plan.by) != 0 ||
          ::setresuid(plan.by, plan.by, plan.by) != 0) {
        ::_exit(98);
      }
    }
    std::array<const char*, 4> environment = {"PATH=/usr/bin:/bin", "JAVA_HOME=/java", "A_SECRET=s",
                                              nullptr};
    ::execve(kAutodriver, arguments.data(), const_cast<char**>(environment.data()));
    ::_exit(99);
  }
  to_ = std::move(in.write);
  from_ = std::move(out.read);
}

Attached::~Attached() {
  to_.reset();
  from_.reset();
  if (pid_ > 0) {
    ::waitpid(pid_, nullptr, 0);
  }
}

int Attached::exitStatus() {
  int status = -1;
  REQUIRE(isReached([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }));
  pid_ = -1;
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

std::string Attached::lastWord() const {
  std::string text(1000, '\0');
  const ssize_t n = ::pread(words_.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  return text;
}

Machine::Machine() {
  std::ofstream("/etc/passwd") << "root:x:0:0::/root:/bin/sh\n"
                               << "ubuntu:x:1000:1000::/home/autolab:/bin/sh\n";
  std::ofstream("/etc/group") << "root:x:0:\nubuntu:x:1000:\n";
  fs::remove_all("/home/autograde");
  fs::remove_all("/run/tango");
}

Machine::~Machine() {
  for (const pid_t pid : autodrivers()) {
    ::kill(pid, SIGTERM);
  }
  CHECK(isGone());
}

pid_t Machine::standBy() {
  for (const pid_t pid : autodrivers()) {
    const auto numbers = sandbox::split(field(statusOf(pid), "NSpid"), '\t');
    if (numbers.size() == 2 && numbers[1] == "1") {
      return pid;
    }
  }
  return -1;
}

pid_t Machine::keeper() {
  const pid_t child = standBy();
  const auto parent = sandbox::leadingNumber(field(statusOf(child), "PPid"));
  return parent ? static_cast<pid_t>(*parent) : -1;
}

bool Machine::isGone() {
  return isReached([] {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return autodrivers().empty() && !fs::exists(kSocket) && !anyGroup();
  });
}

void Machine::kill(pid_t pid) {
  REQUIRE(::kill(pid, SIGKILL) == 0);
  // One of which this process has become the parent.
  static_cast<void>(
      isReached([&] { return ::waitpid(pid, nullptr, WNOHANG) != 0 && ::kill(pid, 0) != 0; }));
}

void Machine::waitForFile(const std::string& path) {
  const std::string seen = "/proc/" + std::to_string(standBy()) + "/root" + path;
  REQUIRE_MESSAGE(isReached([&] { return fs::exists(seen); }), path);
}

}  // namespace tango::test
