#include "vmms/docker/placement.hpp"

#include <algorithm>
#include <numeric>

namespace tango::vmms::docker {
namespace {

/// The part that would be in use, from 0 to 1.
double load(std::uint64_t capacity, std::uint64_t used, std::uint64_t more) {
  return capacity == 0 ? 0 : static_cast<double>(used + more) / static_cast<double>(capacity);
}

double load(const HostRoom& host, const Capacity& share) {
  return std::max(load(host.capacity.cpu_millis, host.used.cpu_millis, share.cpu_millis),
                  load(host.capacity.memory_bytes, host.used.memory_bytes, share.memory_bytes));
}

}  // namespace

bool hasRoom(const HostRoom& host, const Capacity& share) {
  return fits(host.capacity, host.used, share);
}

std::vector<std::size_t> placesFor(const std::vector<HostRoom>& hosts, const Capacity& share) {
  std::vector<std::size_t> places(hosts.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::erase_if(places, [&](std::size_t i) { return !hosts[i].open || !hasRoom(hosts[i], share); });
  std::sort(places.begin(), places.end(), [&](std::size_t one, std::size_t other) {
    return std::pair(load(hosts[one], share), one) < std::pair(load(hosts[other], share), other);
  });
  return places;
}

bool fitsSomewhere(const std::vector<HostRoom>& hosts, const Capacity& share) {
  return std::any_of(hosts.begin(), hosts.end(), [&share](const HostRoom& host) {
    return hasRoom({host.capacity, {}, true}, share);
  });
}

}  // namespace tango::vmms::docker
