#include "autodriver/child.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tango::autodriver {
namespace {

using base::Millis;
using base::SteadyClock;

// Until a child may have ended, or the deadline has passed: then false. SIGCHLDs merge, so one is
// only a hint, and none is waited for long.
bool pauseForChild(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::min<SteadyClock::duration>(deadline - SteadyClock::now(), Millis(20)));
  if (left.count() <= 0) {
    return false;
  }
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  const timespec wait{0, static_cast<long>(left.count())};
  ::sigtimedwait(&child, nullptr, &wait);
  return true;
}

}  // namespace

Result<Child> Child::start(const std::function<int()>& body) {
  return startIn(0, body);
}

Result<Child> Child::startIn(unsigned long namespaces, const std::function<int()>& body) {
  const pid_t parent = ::getpid();
  // clone(2) with no stack is fork(2); glibc's fork takes no flags.
  const long pid = ::syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, 0UL);
  if (pid < 0) {
    return base::systemError(errno, "start a process");
  }
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent of a new pid namespace's first process is 0, as seen from within.
    const bool orphaned = namespaces == 0 && ::getppid() != parent;
    ::_exit(orphaned ? 127 : body());
  }
  return Child(static_cast<pid_t>(pid));
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), end_(other.end_) {}

Child::~Child() {
  if (pid_ > 0) {
    kill();
    static_cast<void>(waitUntil(base::after(Millis(1000))));
  }
}

void Child::kill() const {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
  }
}

pid_t Child::release() {
  return std::exchange(pid_, -1);
}

std::optional<ChildEnd> Child::waitUntil(Deadline deadline) {
  while (pid_ > 0) {
    ChildEnd end;
    const pid_t reaped = ::wait4(pid_, &end.wait_status, WNOHANG, &end.used);
    if (reaped == pid_) {
      pid_ = -1;
      end_ = end;
    } else if (reaped < 0 && errno != EINTR) {
      pid_ = -1;
    } else if (!pauseForChild(deadline)) {
      return std::nullopt;
    }
  }
  return end_;
}

void reapOrphans(Deadline deadline) {
  for (;;) {
    const pid_t reaped = ::waitpid(-1, nullptr, WNOHANG);
    if (reaped < 0 && errno == ECHILD) {
      return;
    }
    if (reaped <= 0 && !pauseForChild(deadline)) {
      return;
    }
  }
}

}  // namespace tango::autodriver
