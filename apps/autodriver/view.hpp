// What the job sees as its file system, where this host lets us say so: run in a process that has
// pid, mount and ipc namespaces of its own.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "base/result.hpp"

namespace tango::autodriver {

using base::Result;

struct ViewPlan {
  std::string home;
  std::uint64_t disk_bytes = 0;   ///< 0: not limited
  std::uint64_t disk_inodes = 0;  ///< 0: not limited
  uid_t uid = 0;                  ///< the home's, where it is made anew
  gid_t gid = 0;
  bool own_scratch = false;  ///< the files are bounded even without a limit: as tmpfs(5) is then
  bool hide_run = false;     ///< nothing of /run is seen: no service's socket
  bool network = false;      ///< but the file there that /etc/resolv.conf may lead to
  bool students = false;     ///< slots for students' commands are mounted (student_slots.hpp)

  /// Whether the files that the job can write are to be bounded: then they are all in one tmpfs of
  /// that size, and everything else is read-only, so that no other place escapes the bound.
  [[nodiscard]] bool bounded() const { return own_scratch || disk_bytes != 0 || disk_inodes != 0; }
};

/// Where the bounded scratch is seen whole.
inline constexpr const char* kScratchView = "/tmp";

/// Makes the view in the calling process's mount namespace: a /proc of the new pid namespace, no
/// way to the services that start processes for users, and the bounded scratch if asked for (then
/// the job cannot make user namespaces either). In /proc nobody but root sees others' processes.
/// The error names the step.
Result<void> makeView(const ViewPlan& plan);

}  // namespace tango::autodriver
