// The control group in which a keeper stands. It leaves the one of the login that called it, with
// which its processes would be ended.
//
// On version 2 it is a group of its own at the top, in which it makes the container's. For systemd
// turns controllers off at the top that no unit of it needs, and the limits of a group right below
// would go with them; the kernel refuses that while they are handed on further down. Where version
// 1 limits, only the hierarchy in which systemd has its units is left.
#pragma once

#include <string>

namespace tango::autodriver {

/// What the names of groups of this pid namespace begin with; a process id follows. Groups may be
/// seen from many namespaces.
[[nodiscard]] std::string containerGroupPrefix();

class KeeperGroup {
 public:
  /// Removes what keepers that were killed have left, and moves this process, as far as this
  /// machine lets root.
  KeeperGroup();
  KeeperGroup(const KeeperGroup&) = delete;
  KeeperGroup& operator=(const KeeperGroup&) = delete;
  /// Moves it back, or to the top, and removes the group.
  ~KeeperGroup();

 private:
  std::string path_;    ///< "": there is none
  std::string before_;  ///< where it was
};

}  // namespace tango::autodriver
