// What there is on the host: processes, control groups, namespaces, mounts. Everything is looked
// up for given processes or names, so that others may use the machine meanwhile.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"

namespace tango::test {

/// A process and when it started: pids come again, pairs do not.
using ProcessId = std::pair<pid_t, std::string>;

/// All descendants of `root` that are no zombies, itself not included.
std::set<ProcessId> descendantsOf(pid_t root);
/// Those of `root`'s descendants whose name (comm) is `name`.
std::vector<pid_t> descendantsNamed(pid_t root, const std::string& name);
[[nodiscard]] bool isAlive(const ProcessId& process);
[[nodiscard]] bool anyAlive(const std::set<ProcessId>& processes);

/// Directories of every control group hierarchy whose name begins with `prefix`.
std::set<std::string> cgroupsNamed(const std::string& prefix);

/// The namespaces of some processes, without the caller's own. They are held open: the kernel gives
/// the number of one that is gone to the next that is made, by whatever test.
class HeldNamespaces {
 public:
  explicit HeldNamespaces(const std::set<ProcessId>& processes);
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  /// Whether any process of the host is in one of them.
  [[nodiscard]] bool anyInside() const;

 private:
  std::map<std::string, base::UniqueFd> held_;  // by name, as "net:[4026531840]"
};

/// Lines of the caller's mount table with "tango" in them.
std::size_t tangoMounts();
/// Open descriptors of the calling process.
std::size_t openDescriptors();

/// Waits until `done`; false: not within `patience`.
bool eventually(const std::function<bool()>& done, base::Millis patience = base::Millis(10'000));

}  // namespace tango::test
