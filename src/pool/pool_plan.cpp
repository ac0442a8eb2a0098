#include "pool/pool_plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tango::pool {
namespace {

constexpr std::uint64_t kOneCore = 1000;
// So many VMs are ready beside the busy ones while jobs come.
constexpr std::uint64_t kAhead = 1;

// Where one of two is unbounded, so is their sum.
std::uint64_t sumOfBounds(std::uint64_t one, std::uint64_t other) {
  return one == 0 || other == 0 ? 0 : one + other;
}

vmms::Capacity sumOfBounds(const vmms::Capacity& one, const vmms::Capacity& other) {
  return {sumOfBounds(one.cpu_millis, other.cpu_millis),
          sumOfBounds(one.memory_bytes, other.memory_bytes), sumOfBounds(one.vms, other.vms)};
}

// A bound that has `more` beside it; none stays none.
std::uint64_t raised(std::uint64_t bound, std::uint64_t more) {
  return bound == 0 ? 0 : bound + more;
}

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
      available = sumOfBounds(*available, host.capacity);
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
