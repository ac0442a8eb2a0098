// What the first process of a pid namespace has to do with all others in it: take in those that
// have ended, and in the end leave none.
#pragma once

#include <functional>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::sandbox {

/// SIGCHLD as something that can be polled, in a process with one thread.
class ChildSignals {
 public:
  ChildSignals() = default;
  /// Blocks the signal. kSystem: signalfd(2) failed.
  static base::Result<ChildSignals> open();

  /// Readable when a child has ended.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes what has come, without waiting.
  void take() const;

 private:
  base::UniqueFd fd_;
};

/// Takes in every child that has ended, without waiting, and tells its pid and wait status.
void reapChildren(const std::function<void(pid_t pid, int status)>& ended);

/// Kills everything else in the caller's pid namespace, forks under way included, and calls `reap`
/// for what has ended, until nothing is left or something does not die (it can hang in the kernel).
void endAllOthers(const ChildSignals& signals, const std::function<void()>& reap);

}  // namespace tango::sandbox
