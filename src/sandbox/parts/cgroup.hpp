// Control groups, version 1 and 2: what limits a job's memory, processes, processor time and disk
// traffic, and what counts what it used. One Cgroup is one group of processes; on version 1 it is
// a directory in each controller's hierarchy, on version 2 a single one.
//
// Facts it rests on (cgroups(7), Documentation/admin-guide/cgroup-v{1,2}):
//   - v1: memory.memsw.* exists only if swap accounting is on; without it a limited group could
//     still swap, so a host with swap and no memsw cannot enforce a memory limit.
//   - v2: a group with processes in it cannot hand controllers to children ("no internal
//     processes"), but for the root. So the processes of the service move to a leaf of their own
//     in a delegated group.
//   - memory.peak (v2, before Linux 6.12) and pids.peak cannot be reset: only a fresh group starts
//     anew. Moving a process into a group costs up to 7 ms after a quiet moment (RCU), so it is
//     done behind a job, never before one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::sandbox {

using base::Result;
using base::UniqueFd;

/// What a group can limit or count; each is one controller of the kernel (kCpuAccounting is part
/// of every v2 group).
enum class Controller { kMemory, kPids, kCpu, kCpuAccounting, kIo };
inline constexpr std::size_t kControllers = 5;

/// 0: not limited.
struct CgroupLimits {
  std::uint64_t memory_bytes = 0;  ///< swap is never allowed on top
  std::uint64_t processes = 0;     ///< processes and threads
  std::uint64_t cpu_millis = 0;    ///< thousandths of a core
  std::uint64_t io_bytes_per_second = 0;

  friend bool operator==(const CgroupLimits&, const CgroupLimits&) = default;
};

/// Absent: this host has no such controller.
struct CgroupUsage {
  std::optional<std::uint64_t> user_us;
  std::optional<std::uint64_t> system_us;
  std::optional<std::uint64_t> memory_peak_bytes;
  std::optional<std::uint64_t> processes_peak;
  std::uint64_t oom_kills = 0;
  std::uint64_t forks_refused = 0;
};

/// One group. Its destructor removes it, which works only once its processes are gone.
class Cgroup {
 public:
  Cgroup(Cgroup&&) noexcept = default;
  Cgroup& operator=(Cgroup&&) noexcept;
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup();

  /// The group that this process is in, as far as its container shows it. It is for `usage` only,
  /// which counts from here on; but the peak of memory is that of the group's whole life, and the
  /// one of processes is absent unless it has risen since. kUnsupported: none is to be seen.
  static Result<Cgroup> openOwn();

  /// Writes what differs from the limits in force. kUnsupported names the limit for which the
  /// group has no controller.
  Result<void> setLimits(const CgroupLimits& limits);
  /// Changes the number of processes alone. Ok where no controller counts them: RLIMIT_NPROC does.
  Result<void> setProcesses(std::uint64_t processes);
  /// Moves a process in, with all of its threads; its later children are born there.
  Result<void> attach(pid_t pid) const;
  [[nodiscard]] CgroupUsage usage() const;
  /// Makes every counter begin anew for the next job. `keeper` is the one process inside; where
  /// the kernel cannot reset a counter it moves to a fresh group that takes the old one's place.
  Result<void> renew(pid_t keeper);
  /// Sends SIGKILL to every process that is inside now.
  void killAll() const;
  /// Removes the group's directories; EBUSY while a process is inside.
  Result<void> remove();

 private:
  friend class CgroupTree;
  struct Place {
    std::string parent;  ///< path of the directory that ours is in
    std::string name;    ///< ours
    UniqueFd dir;
    /// Counters by their files' names, open since opening one costs more than reading it.
    mutable std::map<std::string, UniqueFd, std::less<>> counters;
  };
  Cgroup() = default;

  static Result<Place> makePlace(const std::string& parent, const std::string& name);
  [[nodiscard]] const Place* place(Controller controller) const;
  [[nodiscard]] Result<void> write(Controller controller, const char* file,
                                   const std::string& value) const;
  [[nodiscard]] std::string read(Controller controller, const char* file) const;
  Result<void> limitMemory(std::uint64_t bytes) const;
  Result<void> limitCpu(std::uint64_t cpu_millis) const;
  Result<void> limitIo(std::uint64_t bytes_per_second) const;
  [[nodiscard]] CgroupUsage counters() const;
  /// Of them those that only grow, whatever is reset or made anew.
  [[nodiscard]] CgroupUsage growingCounters() const;
  Result<void> renewPlace(Controller controller, pid_t keeper);

  bool v2_ = false;
  bool borrowed_ = false;                     ///< made by somebody else: never removed
  std::vector<Place> places_;                 ///< distinct directories
  std::array<int, kControllers> place_of_{};  ///< index into places_, or -1
  CgroupLimits limits_;                       ///< in force
  CgroupUsage base_;                          ///< counters that only grow, at the last renewal
  std::uint64_t renewals_ = 0;
};

/// Where this process may make groups, and which controllers it has there.
class CgroupTree {
 public:
  /// Looks at /proc/self/mountinfo and /proc/self/cgroup. On v2 it moves `members` (pids of the
  /// service's own processes) into a leaf of its own group where that is what delegation asks for.
  /// A controller that is not to be had is no failure: see `missing`.
  static Result<CgroupTree> open(const std::vector<pid_t>& members);

  [[nodiscard]] bool has(Controller controller) const;
  /// Why `has` is false, and what an administrator can do about it: one sentence.
  [[nodiscard]] const std::string& missing() const { return why_not_; }

  /// Makes a group called `name`, one path component.
  [[nodiscard]] Result<Cgroup> create(const std::string& name) const;
  /// Removes the empty groups called `prefix` and the pid of a process that is no more: what a
  /// killed launcher left behind.
  void sweepDead(const std::string& prefix) const;
  /// Removes the empty groups whose name begins with `prefix`.
  void sweep(const std::string& prefix) const;

 private:
  void sweepIf(const std::string& prefix, bool (*wanted)(std::string_view rest)) const;
  void openV1(const std::vector<std::string>& mounts);
  void openV2(const std::string& mount, const std::vector<pid_t>& members);
  bool useV2(const std::string& directory);

  bool v2_ = false;
  std::array<std::string, kControllers> parents_;  ///< "" where there is none
  std::string why_not_;
};

}  // namespace tango::sandbox
