#include "pool/pool_plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tango::pool {
namespace {

// So many VMs are ready beside the busy ones while jobs come.
constexpr std::uint64_t kAhead = 1;

// A bound that has `more` beside it; none stays none.
std::uint64_t raised(std::uint64_t bound, std::uint64_t more) {
  return bound == 0 ? 0 : bound + more;
}

}  // namespace

std::optional<vmms::Capacity> availableOf(const vmms::Backend& backend) {
  if (backend.hosts == nullptr) {
    return backend.capacity;
  }
  std::optional<vmms::Capacity> available;
  vmms::Capacity elsewhere;
  for (const vmms::HostView& host : backend.hosts->hosts()) {
    if (!host.takesVms()) {
      elsewhere = plus(elsewhere, host.used);
    } else if (!available) {
      available = host.capacity;
    } else {
      available = vmms::sumOfBounds(*available, host.capacity);
    }
  }
  if (available) {
    available = {raised(available->cpu_millis, elsewhere.cpu_millis),
                 raised(available->memory_bytes, elsewhere.memory_bytes),
                 raised(available->vms, elsewhere.vms)};
  }
  return available;
}

bool fitsSomeHost(const vmms::Backend& backend, const vmms::Capacity& share) {
  if (backend.hosts == nullptr) {
    return true;
  }
  const std::vector<vmms::HostView> hosts = backend.hosts->hosts();
  return std::any_of(hosts.begin(), hosts.end(), [&share](const vmms::HostView& host) {
    return host.takesVms() && fits(host.capacity, host.used, share);
  });
}

bool couldFit(const vmms::Backend& backend, const vmms::Capacity& share) {
  if (backend.hosts == nullptr) {
    return fits(backend.capacity, {}, share);
  }
  const std::vector<vmms::HostView> hosts = backend.hosts->hosts();
  return hosts.empty() || std::any_of(hosts.begin(), hosts.end(), [&share](const auto& host) {
           return fits(host.capacity, {}, share);
         });
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

std::vector<std::size_t> goingOrder(const std::vector<IdleVm>& idle) {
  std::vector<std::size_t> order(idle.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&idle](std::size_t one, std::size_t other) {
    return std::tuple(!idle[one].spare, idle[one].idle_since, one) <
           std::tuple(!idle[other].spare, idle[other].idle_since, other);
  });
  return order;
}

std::optional<std::vector<std::size_t>> givingWay(const vmms::Capacity& capacity,
                                                  const vmms::Capacity& used,
                                                  const vmms::Capacity& leaving,
                                                  const vmms::Capacity& wanted,
                                                  const std::vector<IdleVm>& idle) {
  vmms::Capacity rest = minus(used, leaving);
  std::vector<std::size_t> chosen;
  for (const std::size_t each : goingOrder(idle)) {
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

}  // namespace tango::pool
