// The proof that a job left nothing in the network namespace that the next one shares with it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::sandbox {

/// All counters and socket counts of one network namespace. Equal ones before and after: no socket
/// is open, no packet was sent and no attempt to send one was made between the two.
class NetworkCounters {
 public:
  /// Those of the calling process's namespace, which is remembered as clean. The tables stay open,
  /// since finding and opening them costs as much as reading them.
  static base::Result<NetworkCounters> open();

  /// False also where a table cannot be read any more.
  [[nodiscard]] bool areClean() const;

 private:
  struct Table {
    base::UniqueFd file;
    std::string clean;
  };
  std::vector<Table> tables_;
  Table sockets_;
};

}  // namespace tango::sandbox
