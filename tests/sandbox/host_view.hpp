// What there is on the host: processes, control groups, namespaces, mounts. Everything is looked
// up for given processes or names, so that others may use the machine meanwhile.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/clock.hpp"

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

/// The namespaces ("net:[4026531840]") of these processes that are not the caller's own.
std::set<std::string> namespacesOf(const std::set<ProcessId>& processes);
/// Whether any process of the host is in one of `namespaces`.
[[nodiscard]] bool anyInside(const std::set<std::string>& namespaces);

/// Lines of the caller's mount table with "tango" in them.
std::size_t tangoMounts();
/// Open descriptors of the calling process.
std::size_t openDescriptors();

/// Waits until `done`; false: not within `patience`.
bool eventually(const std::function<bool()>& done, base::Millis patience = base::Millis(10'000));

}  // namespace tango::test
