#include "pool/pool_plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tango::pool {
namespace {

constexpr std::uint64_t kOneCore = 1000;
// So many VMs are ready beside the busy ones while jobs come.
constexpr std::uint64_t kAhead = 1;

bool fitsOne(std::uint64_t capacity, std::uint64_t used, std::uint64_t more) {
  return capacity == 0 || (more <= capacity && used <= capacity - more);
}

}  // namespace

vmms::Capacity shareOf(const model::MachineSpec& machine) {
  return {machine.cpu_millis > 0 ? machine.cpu_millis : kOneCore, machine.memory_bytes, 1};
}

vmms::Capacity plus(const vmms::Capacity& one, const vmms::Capacity& other) {
  return {one.cpu_millis + other.cpu_millis, one.memory_bytes + other.memory_bytes,
          one.vms + other.vms};
}

vmms::Capacity minus(const vmms::Capacity& one, const vmms::Capacity& other) {
  return {one.cpu_millis - other.cpu_millis, one.memory_bytes - other.memory_bytes,
          one.vms - other.vms};
}

bool fits(const vmms::Capacity& capacity, const vmms::Capacity& used, const vmms::Capacity& more) {
  return fitsOne(capacity.cpu_millis, used.cpu_millis, more.cpu_millis) &&
         fitsOne(capacity.memory_bytes, used.memory_bytes, more.memory_bytes) &&
         fitsOne(capacity.vms, used.vms, more.vms);
}

PoolStep planPool(const PoolNeed& need) {
  std::uint64_t wanted = std::max(need.preallocated, need.busy_peak > 0 ? kAhead : 0);
  if (need.busy_peak > need.busy) {
    wanted = std::max(wanted, need.busy_peak - need.busy);
  }
  if (need.vms_max > 0) {
    wanted = std::min(wanted, need.vms_max - std::min(need.vms_max, need.busy));
  }
  if (need.idle < wanted) {
    return {wanted - need.idle, 0};
  }
  return {0, need.idle - wanted};
}

std::uint64_t shrunkPeak(const PoolNeed& need, std::uint64_t expired) {
  return std::min(need.busy_peak, need.busy + need.idle - std::min(need.idle, expired));
}

std::optional<std::vector<std::size_t>> givingWay(const vmms::Capacity& capacity,
                                                  const vmms::Capacity& used,
                                                  const vmms::Capacity& leaving,
                                                  const vmms::Capacity& wanted,
                                                  const std::vector<IdleVm>& idle) {
  std::vector<std::size_t> order(idle.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&idle](std::size_t one, std::size_t other) {
    return std::tuple(!idle[one].spare, idle[one].idle_since, one) <
           std::tuple(!idle[other].spare, idle[other].idle_since, other);
  });
  vmms::Capacity rest = minus(used, leaving);
  std::vector<std::size_t> chosen;
  for (const std::size_t each : order) {
    if (fits(capacity, rest, wanted)) {
      break;
    }
    rest = minus(rest, idle[each].share);
    chosen.push_back(each);
  }
  if (!fits(capacity, rest, wanted)) {
    return std::nullopt;
  }
  return chosen;
}

void Backoff::failed(base::Deadline now) {
  if (paused(now)) {
    return;
  }
  pause_ = pause_ == base::Millis(0) ? min_ : std::min(max_, pause_ * 2);
  until_ = now + pause_;
}

}  // namespace tango::pool
