// The values that travel between the service, a slot and a job's init. All of them are plain data;
// sandbox/protocol.hpp says how they look on a socket.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "sandbox/parts/cgroup.hpp"

namespace tango::sandbox {

/// What a sandbox sees as its root: nothing that is not named here exists inside.
struct RootPlan {
  struct Bind {
    std::string source;  ///< on the host
    std::string target;  ///< inside; shown read-only, without setuid and devices
  };
  struct Link {
    std::string target;
    std::string path;
  };
  struct File {
    std::string path;
    std::string content;
  };
  std::vector<std::string> folders;  ///< parents before children
  std::vector<Bind> binds;
  std::vector<Link> links;
  std::vector<File> files;
};

/// The user that the job is, as seen inside.
struct JobUser {
  uid_t uid = 1000;
  gid_t gid = 1000;
};

/// Whom a student's command runs as beside a job of `user`: ids that no image gives to anybody (of
/// those that systemd lists as unused).
[[nodiscard]] inline JobUser studentBeside(JobUser user) {
  constexpr uid_t kId = 61'000;
  const uid_t id = user.uid == kId || user.gid == kId ? kId + 1 : kId;
  return {id, id};
}

/// What a slot is prepared for; it serves jobs of this one kind.
struct SlotSpec {
  RootPlan root;
  JobUser user;
  std::vector<std::string> environment;  ///< of the job, "NAME=value"
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_millis = 0;
  std::uint64_t io_bytes_per_second = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t disk_inodes = 0;
  std::uint64_t processes = 0;  ///< in force until kProcesses says otherwise
  bool network = false;
  /// Run without the limits that this host cannot enforce, instead of refusing to.
  bool allow_unenforced = false;
};

/// What is set for one run.
struct JobLimits {
  std::uint64_t wall_ms = 0;
  std::uint64_t processes = 0;
  std::uint64_t file_size_bytes = 0;
  std::uint64_t open_files = 0;
};

/// What the job's init saw of the run.
struct JobEnd {
  bool exited = false;  ///< else a signal ended make
  int status = 0;       ///< exit status, or signal
  bool timed_out = false;
  bool stopped = false;  ///< the service asked for the end (CPU time)
  std::uint64_t wall_us = 0;
  std::uint64_t user_us = 0;  ///< of the processes that init reaped: where there is no cgroup
  std::uint64_t system_us = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t disk_inodes = 0;
  bool disk_full = false;  ///< no block or no inode was left when the job ended
};

}  // namespace tango::sandbox
