// The job's control group: what limits its memory and disk traffic and counts its processor time.
#pragma once

#include <optional>

#include "autodriver/options.hpp"
#include "sandbox/parts/cgroup.hpp"

namespace tango::autodriver {

struct JobGroup {
  sandbox::Cgroup cgroup;
  bool limits_processes = false;
};

/// A group with the limits that `options` asks for. kUnsupported, in a sentence that says what to
/// do, if one of them cannot be enforced here. Nothing, if none is needed and none can be had: a
/// limit of processes is enforced without one, and a report only has less in it.
Result<std::optional<JobGroup>> makeGroup(const Options& options);

/// The group of a whole container of our own making (autodriver --attach). It can always limit the
/// number of processes, which is asked for later: kUnsupported where it could not. What dead ones
/// left behind is removed first.
Result<sandbox::Cgroup> makeContainerGroup(const Options& options);

/// Removes the group once its processes are gone; the kernel may need a moment for the last ones.
void removeGroup(sandbox::Cgroup& group);

}  // namespace tango::autodriver
