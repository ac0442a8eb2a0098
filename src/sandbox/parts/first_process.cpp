#include "sandbox/parts/first_process.hpp"

#include <cerrno>
#include <csignal>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"

namespace tango::sandbox {
namespace {

// How long a process may take to die.
constexpr base::Millis kDeathTimeout{10'000};
constexpr int kPollMs = 10;

}  // namespace

base::Result<ChildSignals> ChildSignals::open() {
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  ChildSignals signals;
  signals.fd_.reset(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.fd_) {
    return base::systemError(errno, "make a signalfd");
  }
  return signals;
}

void ChildSignals::take() const {
  signalfd_siginfo ignored{};
  static_cast<void>(!::read(fd_.get(), &ignored, sizeof ignored));
}

void reapChildren(const std::function<void(pid_t, int)>& ended) {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    ended(pid, status);
  }
}

void endAllOthers(const ChildSignals& signals, const std::function<void()>& reap) {
  const base::Deadline deadline = base::after(kDeathTimeout);
  while (::kill(-1, SIGKILL) == 0 && base::SteadyClock::now() < deadline) {
    reap();
    pollfd child{signals.fd(), POLLIN, 0};
    ::poll(&child, 1, kPollMs);
    signals.take();
  }
  reap();
}

}  // namespace tango::sandbox
