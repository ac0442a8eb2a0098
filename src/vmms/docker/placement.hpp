// Which host gets the next VM, as a pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "vmms/capacity.hpp"

namespace tango::vmms::docker {

/// A host as far as placing goes.
struct HostRoom {
  Capacity capacity;
  Capacity used;
  bool open = false;  ///< it answers, is not drained and not set aside
};

/// Whether `share` fits on the host beside what it has; a capacity of 0 is unbounded.
[[nodiscard]] bool hasRoom(const HostRoom& host, const Capacity& share);

/// The open hosts that have room for `share`, the best first: the one that has the largest part of
/// its cores and memory free afterwards, so that load spreads; of equals, the earlier.
[[nodiscard]] std::vector<std::size_t> placesFor(const std::vector<HostRoom>& hosts,
                                                 const Capacity& share);

/// Whether `share` would fit on one of the hosts if that had nothing else, open or not.
[[nodiscard]] bool fitsSomewhere(const std::vector<HostRoom>& hosts, const Capacity& share);

}  // namespace tango::vmms::docker
