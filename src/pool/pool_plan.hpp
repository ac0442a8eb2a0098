// What the pools need, as pure functions: no clock, no I/O. pools.cpp carries out what they say.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "vmms/registry.hpp"

namespace tango::pool {

using base::Backoff;
using vmms::fits;
using vmms::minus;
using vmms::plus;
using vmms::shareOf;

/// What the VMs of `backend` may take in all now: what its hosts have that take VMs, and beside it
/// what is in use on the others. Absent: no host takes any.
[[nodiscard]] std::optional<vmms::Capacity> availableOf(const vmms::Backend& backend);

/// Whether some host that takes VMs has room for `share` at this moment, in one piece.
[[nodiscard]] bool fitsSomeHost(const vmms::Backend& backend, const vmms::Capacity& share);

/// Whether `share` could ever be had: there is as much in all, and on one host.
[[nodiscard]] bool couldFit(const vmms::Backend& backend, const vmms::Capacity& share);

/// One pool, as far as its size goes. A VM that is being destroyed is no longer its.
struct PoolNeed {
  std::uint64_t preallocated = 0;  ///< to be kept idle, whether or not jobs come
  /// The most VMs that jobs had at once lately; 0: no job came lately.
  std::uint64_t busy_peak = 0;
  std::uint64_t busy = 0;     ///< that jobs have, or that are set aside for them
  std::uint64_t idle = 0;     ///< free, or being made for nobody yet
  std::uint64_t vms_max = 0;  ///< of all together; 0: unbounded
};

struct PoolStep {
  std::uint64_t make = 0;     ///< so many more are wanted, where there is room
  std::uint64_t destroy = 0;  ///< so many of the idle ones are not
};

/// A pool keeps what was preallocated free beside the busy ones, so a VM is replaced as soon as it
/// is taken. While jobs come, it also keeps one VM ahead, and as many in all as were busy at once:
/// a VM that goes with its job is replaced before the next job asks.
[[nodiscard]] PoolStep planPool(const PoolNeed& need);

/// What is left of a pool's busy_peak when `expired` of its idle VMs were idle for too long.
[[nodiscard]] std::uint64_t shrunkPeak(const PoolNeed& need, std::uint64_t expired);

/// A free VM of some pool, as one that could give way to a job of another pool.
struct IdleVm {
  vmms::Capacity share;
  base::Deadline idle_since;
  bool spare = false;  ///< its pool has more than were preallocated
};

/// The order in which `idle` go: spare ones first, then those idle for longest.
[[nodiscard]] std::vector<std::size_t> goingOrder(const std::vector<IdleVm>& idle);

/// Which of `idle` have to go in that order, so that `wanted` fits; no more than needed. Nothing:
/// even all of them are not enough. `leaving` is what VMs take that are on their way out already.
[[nodiscard]] std::optional<std::vector<std::size_t>> givingWay(const vmms::Capacity& capacity,
                                                                const vmms::Capacity& used,
                                                                const vmms::Capacity& leaving,
                                                                const vmms::Capacity& wanted,
                                                                const std::vector<IdleVm>& idle);

/// How often others may be served before a pool that waits for room: then it alone is, so that a
/// large VM is not kept out for ever by small ones that always fit.
inline constexpr int kPassesMax = 16;

}  // namespace tango::pool
