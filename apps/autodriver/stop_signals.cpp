#include "autodriver/stop_signals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <sys/signalfd.h>
#include <unistd.h>

namespace tango::autodriver {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::SteadyClock;

Result<StopSignals> StopSignals::open() {
  sigset_t stops;
  ::sigemptyset(&stops);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    ::sigaddset(&stops, number);
  }
  UniqueFd fd(::signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) {
    return base::systemError(errno, "signalfd");
  }
  return StopSignals(std::move(fd));
}

Error StopSignals::stopped() const {
  signalfd_siginfo info{};
  static_cast<void>(!::read(fd_.get(), &info, sizeof info));
  return {ErrorKind::kCancelled, "stopped by signal " + std::to_string(info.ssi_signo)};
}

int pollUntil(pollfd* fds, nfds_t count, Deadline deadline) {
  for (;;) {
    // Rounded up, and at most a minute at once: poll counts in an int.
    const auto left = std::chrono::ceil<Millis>(std::clamp<SteadyClock::duration>(
        deadline - SteadyClock::now(), Millis(0), Millis(60'000)));
    const int ready = ::poll(fds, count, static_cast<int>(left.count()));
    if (ready > 0 || (ready == 0 && SteadyClock::now() >= deadline) ||
        (ready < 0 && errno != EINTR)) {
      return ready;
    }
  }
}

Result<void> StopSignals::waitReadable(int fd, Deadline deadline) const {
  std::array<pollfd, 2> fds = {pollfd{fd, POLLIN, 0}, pollfd{fd_.get(), POLLIN, 0}};
  if (pollUntil(fds.data(), fds.size(), deadline) <= 0) {
    return Error(ErrorKind::kTimeout, "it took too long");
  }
  return fds[1].revents != 0 ? Result<void>(stopped()) : Result<void>();
}

}  // namespace tango::autodriver
