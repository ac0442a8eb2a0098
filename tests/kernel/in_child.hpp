// Runs an experiment in a process of its own, where it may change credentials and namespaces.
#pragma once

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// In an experiment: ends it with the number of this line unless `condition` holds.
#define TANGO_EXPECT(condition) \
  if (!(condition)) return __LINE__

namespace tango::test {

/// 0, or the line of the expectation that did not hold; -1: the experiment died.
inline int inChild(const std::function<int()>& experiment) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    // doctest's own handlers would make even a namespace's init hear signals from inside.
    for (const int number : {SIGABRT, SIGFPE, SIGILL, SIGINT, SIGSEGV, SIGTERM}) {
      ::signal(number, SIG_DFL);
    }
    const int line = experiment();
    static_cast<void>(!::write(ends[1], &line, sizeof line));
    ::_exit(0);
  }
  ::close(ends[1]);
  int line = -1;
  if (::read(ends[0], &line, sizeof line) != static_cast<ssize_t>(sizeof line)) {
    line = -1;
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return line;
}

/// fork(2) into new namespaces, as the sandbox does it; 0 in the child.
inline pid_t cloneInto(int flags) {
  return static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0));
}

/// The exit status of `child`, 1000 + the signal that ended it, or -1.
inline int statusOf(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) {
    return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// A mount namespace of one's own, in which nothing that is mounted shows on the host.
inline bool ownMounts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

inline bool writeText(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return written;
}

/// False, with a word about it, where the tests are not run by root.
inline bool needsRoot() {
  if (::geteuid() != 0) {
    MESSAGE("skipped: it takes root");
  }
  return ::geteuid() == 0;
}

}  // namespace tango::test
