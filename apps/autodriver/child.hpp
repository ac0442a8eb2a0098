// A forked process of our own, and waiting for it no longer than a deadline.
#pragma once

#include <functional>
#include <optional>

#include <sys/resource.h>
#include <sys/types.h>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::autodriver {

using base::Deadline;
using base::Result;

struct ChildEnd {
  int wait_status = 0;
  rusage used{};  ///< by it and by the children that it has waited for
};

/// SIGCHLD must be blocked. The destructor kills and reaps it.
class Child {
 public:
  /// `body` runs in the child, which ends with what it returns; its own children included, it dies
  /// with the thread that called this.
  static Result<Child> start(const std::function<int()>& body);
  /// The same in new namespaces (CLONE_NEW...).
  static Result<Child> startIn(unsigned long namespaces, const std::function<int()>& body);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill() const;
  /// Gives the process up: who reaps all (waitpid of -1) owns it from now on.
  pid_t release();
  /// How it ended, or nothing if the deadline passed first.
  std::optional<ChildEnd> waitUntil(Deadline deadline);

 private:
  explicit Child(pid_t pid) : pid_(pid) {}

  pid_t pid_;  ///< -1 once it is reaped
  std::optional<ChildEnd> end_;
};

/// Reaps what was left to this process by children that died first, for as long as there is any
/// and the deadline has not passed.
void reapOrphans(Deadline deadline);

}  // namespace tango::autodriver
