// Waiting that ends early when somebody tells autodriver to stop (SIGHUP, SIGINT, SIGQUIT,
// SIGTERM: a terminal's interrupt, an administrator, a shutdown).
#pragma once

#include <poll.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::autodriver {

using base::Deadline;
using base::Result;
using base::UniqueFd;

/// All signals must be blocked.
class StopSignals {
 public:
  static Result<StopSignals> open();

  /// Ok once `fd` can be read or its other end is gone. kTimeout, kCancelled (told to stop).
  Result<void> waitReadable(int fd, Deadline deadline) const;

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// The error that says which signal it was; call it when `fd` can be read.
  [[nodiscard]] base::Error stopped() const;

 private:
  explicit StopSignals(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// poll(2) until `deadline`; how many are ready.
int pollUntil(pollfd* fds, nfds_t count, Deadline deadline);

}  // namespace tango::autodriver
