// A container as an engine makes it for an autodriver that stands by, and the service's end of its
// standard streams. For tests that run as root within a root file system of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "autodriver/child.hpp"
#include "autodriver/drive_client.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/parts/cgroup.hpp"

namespace tango::test {

struct ContainerPlan {
  std::uint64_t lease_s = 60;
  std::uint64_t disk_bytes = 8 << 20;
  std::uint64_t disk_inodes = 200;
  std::uint64_t memory_bytes = 0;  ///< 0: no limit
  std::uint64_t processes = 0;     ///< of the whole container; 0: no limit
  std::string user = "autograde";  ///< the one that /etc/passwd has
  bool whole_home = true;          ///< or the job's folder alone is writable
  bool any_home = true;            ///< or not even that
  bool owned_home = true;          ///< mounted as the user's, or as root's
};

/// The destructor kills all of it.
class Container : public DriveClient {
 public:
  explicit Container(const ContainerPlan& plan);

  /// The container has control groups of its own, so that memory, processes and CPU time count.
  [[nodiscard]] bool hasGroup() const { return group_.has_value(); }

  // What the host sees.
  void signal(int number) const;
  /// Waits for it to end; its exit status, and what it said last.
  [[nodiscard]] int exitStatus();
  [[nodiscard]] std::string lastWord() const override;
  /// Waits until `path` exists inside.
  void waitForFile(const std::string& path) const;
  [[nodiscard]] std::size_t processes() const;

 private:
  std::optional<sandbox::Cgroup> group_;
  base::UniqueFd words_;
  std::optional<autodriver::Child> process_;
  pid_t pid_ = -1;
};

}  // namespace tango::test
