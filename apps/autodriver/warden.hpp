// The process between autodriver and the job. Where the host permits it is the first process of
// new pid, mount and ipc namespaces: with it, everything inside dies. Elsewhere it is the one to
// which the job's orphans are given. It is root, so nothing of the job's can signal it, and it does
// no more than is told: make the view, have the files written, run make, reap.
#pragma once

#include <optional>

#include "autodriver/channel.hpp"
#include "autodriver/child.hpp"
#include "autodriver/job.hpp"
#include "autodriver/stop_signals.hpp"
#include "sandbox/parts/cgroup.hpp"

namespace tango::autodriver {

/// What the warden's process works with.
struct WardenEnds {
  int channel = -1;
  int tree = -1;    ///< the files come from here
  int output = -1;  ///< the job's output goes here
};

/// The warden's own program; returns its exit status. `first` says that it is the first process of
/// a pid namespace.
int runWarden(const Job& job, const WardenEnds& ends, bool first);

/// autodriver's handle on it. The destructor kills it.
class Warden {
 public:
  /// In namespaces of its own if this host lets us (or if the job's files are to be bounded, which
  /// needs them: then the error says what to do). In `group`, if there is one.
  static Result<Warden> start(const Job& job, int tree_fd, int output_fd,
                              const sandbox::Cgroup* group, const StopSignals& stop);

  /// Has the files copied from the pipe that `start` was given.
  Result<void> copy(const StopSignals& stop, Deadline deadline);
  /// Starts make; what comes of it is a Note on `channel`.
  Result<void> run();

  [[nodiscard]] int channel() const { return channel_.get(); }
  Child& process() { return process_; }

 private:
  Warden(Child process, UniqueFd channel)
      : process_(std::move(process)), channel_(std::move(channel)) {}
  static Result<Warden> startIn(unsigned long namespaces, const Job& job, int tree_fd,
                                int output_fd);
  Result<void> ask(Command command, const StopSignals& stop, Deadline deadline);

  Child process_;
  UniqueFd channel_;
};

}  // namespace tango::autodriver
