// A container as an engine makes it for an autodriver that stands by, and the service's end of its
// standard streams. For tests that run as root within a root file system of their own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autodriver/child.hpp"
#include "base/unique_fd.hpp"
#include "drive/messages.hpp"
#include "model/outcome.hpp"
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

struct Reply {
  drive::Tell tell = drive::Tell::kDone;
  std::string payload;
};

struct Served {
  std::optional<base::Error> failure;
  model::RunOutcome outcome;
  std::vector<std::pair<std::uint64_t, std::string>> live;  ///< offset and bytes
};

using Files = std::map<std::string, std::string>;

/// The destructor kills all of it.
class Container {
 public:
  explicit Container(const ContainerPlan& plan);

  /// The container has control groups of its own, so that memory, processes and CPU time count.
  [[nodiscard]] bool hasGroup() const { return group_.has_value(); }

  // What the service does. A reply that does not come within a minute fails the test.
  void send(std::string_view bytes);
  void ask(drive::Ask ask);
  void askRun(const model::RunLimits& limits);
  [[nodiscard]] Reply reply();
  void waitReady();
  /// The failure, if there is one.
  std::optional<base::Error> giveFiles(const Files& files);
  std::optional<base::Error> giveStream(std::string_view stream);
  /// Takes the replies to askRun.
  [[nodiscard]] Served takeRun();
  [[nodiscard]] std::string takeOutput();
  void hangUp() { to_.reset(); }

  /// All at once, of a Makefile whose rule for "all" is `recipe`.
  [[nodiscard]] Served serve(const std::string& recipe, const model::RunLimits& limits = {});

  // What the host sees.
  void signal(int number) const;
  /// Waits for it to end; its exit status, and what it said last.
  [[nodiscard]] int exitStatus();
  [[nodiscard]] std::string lastWord() const;
  /// Waits until `path` exists inside.
  void waitForFile(const std::string& path) const;
  [[nodiscard]] std::size_t processes() const;

 private:
  std::optional<sandbox::Cgroup> group_;
  base::UniqueFd to_;
  base::UniqueFd from_;
  base::UniqueFd words_;
  std::optional<autodriver::Child> process_;
  pid_t pid_ = -1;
};

/// A tree stream of these files.
[[nodiscard]] std::string streamOf(const Files& files);

}  // namespace tango::test
