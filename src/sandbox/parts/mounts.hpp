// What a job sees as its file system. The slot's keeper builds the root once, read-only; each job's
// init then mounts what must be fresh: scratch, /proc and /dev/pts.
#pragma once

#include "base/result.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

/// Where a job's files are, as under Tango's autodriver.
inline constexpr const char* kHome = "/home/autograde";
inline constexpr const char* kWorkFolder = "/home/autograde/autolab";

/// Builds `plan` in the calling process's own mount namespace and makes it the root; the host's
/// tree is unreachable afterwards. The new root is read-only, but for /proc, which is the host's:
/// the kernel lets a user namespace mount a /proc of its own only over one that is fully visible
/// (mount_too_revealing in fs/namespace.c), and the job's init always does.
Result<void> enterRoot(const RootPlan& plan);

/// Mounts one tmpfs of at most `disk_bytes` and `disk_inodes` and shows parts of it as the home,
/// /tmp, /var/tmp and /dev/shm, a fresh /proc that hides other users' processes, and /dev/pts.
/// The home and the work folder belong to `user`.
Result<void> mountScratch(std::uint64_t disk_bytes, std::uint64_t disk_inodes, JobUser user);

struct DiskUse {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
  bool full = false;
};
/// What lies in the scratch that mountScratch made.
[[nodiscard]] DiskUse scratchUse();

}  // namespace tango::sandbox
