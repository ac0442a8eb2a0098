#include "vmms/docker/placement.hpp"

#include <doctest/doctest.h>

using tango::vmms::Capacity;
using namespace tango::vmms::docker;

namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr Capacity kOne{1000, kGiB, 1};

HostRoom host(std::uint64_t cores, std::uint64_t used_cores, bool open = true) {
  return {
      {cores * 1000, cores * kGiB, 0}, {used_cores * 1000, used_cores * kGiB, used_cores}, open};
}

using Places = std::vector<std::size_t>;

}  // namespace

TEST_CASE("the host with the largest part free comes first") {
  CHECK(placesFor({host(4, 3), host(8, 2), host(2, 1)}, kOne) == Places{1, 0, 2});
}

TEST_CASE("of equals the earlier comes first") {
  CHECK(placesFor({host(4, 1), host(4, 1)}, kOne) == Places{0, 1});
}

TEST_CASE("a host that is full or closed gets nothing") {
  CHECK(placesFor({host(2, 2), host(2, 0, false), host(1, 0)}, kOne) == Places{2});
  CHECK(placesFor({}, kOne).empty());
}

TEST_CASE("memory alone can fill a host, and so can a number of VMs") {
  HostRoom full = host(8, 0);
  full.used.memory_bytes = 8 * kGiB;
  CHECK_FALSE(hasRoom(full, kOne));
  HostRoom few = host(8, 0);
  few.capacity.vms = 1;
  CHECK(hasRoom(few, kOne));
  few.used.vms = 1;
  CHECK_FALSE(hasRoom(few, kOne));
}

TEST_CASE("what is unbounded always fits") {
  CHECK(hasRoom({Capacity{}, {1'000'000, 1, 99}, true}, kOne));
}

TEST_CASE("whether something could ever fit goes by one empty host, open or not") {
  CHECK(fitsSomewhere({host(2, 2), host(4, 4, false)}, {4000, kGiB, 1}));
  CHECK_FALSE(fitsSomewhere({host(2, 0), host(4, 0)}, {5000, kGiB, 1}));
}
