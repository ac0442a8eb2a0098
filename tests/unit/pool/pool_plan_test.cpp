#include "pool/pool_plan.hpp"

#include <doctest/doctest.h>

namespace tango::pool {
namespace {

using base::Deadline;
using base::Millis;
using vmms::Capacity;
using Chosen = std::vector<std::size_t>;

PoolNeed needOf(std::uint64_t preallocated, std::uint64_t peak, std::uint64_t busy,
                std::uint64_t idle, std::uint64_t vms_max = 0) {
  return {preallocated, peak, busy, idle, vms_max};
}

TEST_CASE("a VM that may use all cores counts as one, and a bound of 0 is none") {
  model::MachineSpec machine;
  machine.memory_bytes = 7;
  CHECK(shareOf(machine).cpu_millis == 1000);
  CHECK(shareOf(machine).memory_bytes == 7);
  CHECK(shareOf(machine).vms == 1);
  CHECK(fits({0, 0, 0}, {9, 9, 9}, {9, 9, 9}));
  CHECK(fits({4, 0, 0}, {3, 9, 9}, {1, 9, 9}));
  CHECK(!fits({4, 0, 0}, {3, 0, 0}, {2, 0, 0}));
  CHECK(!fits({0, 4, 0}, {0, 3, 0}, {0, 2, 0}));
  CHECK(!fits({0, 0, 4}, {0, 0, 4}, {0, 0, 1}));
  CHECK(!fits({1, 0, 0}, {0, 0, 0}, {~std::uint64_t{0}, 0, 0}));
}

class ListedHosts final : public vmms::Hosts {
 public:
  explicit ListedHosts(std::vector<vmms::HostView> hosts) : hosts_(std::move(hosts)) {}
  [[nodiscard]] std::vector<vmms::HostView> hosts() const override { return hosts_; }
  base::Result<void> drainHost(const std::string& /*name*/, bool /*drained*/) override {
    return {};
  }
  vmms::awaitable<base::Result<std::vector<std::pair<std::string, std::vector<std::string>>>>>
  imagesByHost() override {
    co_return std::vector<std::pair<std::string, std::vector<std::string>>>();
  }
  void onHostsChanged(std::function<void()> /*changed*/) override {}

 private:
  std::vector<vmms::HostView> hosts_;
};

vmms::HostView hostOf(Capacity capacity, Capacity used, std::string trouble = "") {
  vmms::HostView host;
  host.capacity = capacity;
  host.used = used;
  host.trouble = std::move(trouble);
  return host;
}

TEST_CASE("what there is now is what hosts have that take VMs, beside what the others still do") {
  ListedHosts hosts({hostOf({4, 8, 0}, {1, 1, 1}), hostOf({4, 0, 2}, {0, 0, 0}),
                     hostOf({100, 100, 100}, {3, 3, 1}, "away")});
  vmms::Backend backend;
  backend.capacity = {108, 0, 0};
  backend.hosts = &hosts;
  const std::optional<Capacity> available = availableOf(backend);
  REQUIRE(available);
  CHECK(available->cpu_millis == 4 + 4 + 3);
  CHECK(available->memory_bytes == 0);
  CHECK(available->vms == 0);
  CHECK(fitsSomeHost(backend, {4, 1, 1}));
  CHECK(!fitsSomeHost(backend, {5, 1, 1}));
  CHECK(!fitsSomeHost(backend, {4, 1, 3}));
  CHECK(couldFit(backend, {100, 1, 1}));
  CHECK(!couldFit(backend, {101, 1, 1}));
}

TEST_CASE("no host that takes VMs is no room at all, and not room without bounds") {
  ListedHosts none({});
  ListedHosts away({hostOf({0, 0, 0}, {0, 0, 0}, "away")});
  vmms::Backend backend;
  CHECK(availableOf(backend));
  for (ListedHosts* const hosts : {&none, &away}) {
    backend.hosts = hosts;
    CHECK(!availableOf(backend));
    CHECK(!fitsSomeHost(backend, {1, 1, 1}));
    CHECK(couldFit(backend, {1, 1, 1}));  // once there are some
  }
}

TEST_CASE("a pool that nobody wants makes nothing") {
  CHECK(planPool(needOf(0, 0, 0, 0)).make == 0);
  CHECK(planPool(needOf(0, 0, 2, 0)).make == 0);
}

TEST_CASE("what was preallocated is kept beside the busy ones") {
  CHECK(planPool(needOf(3, 0, 0, 0)).make == 3);
  CHECK(planPool(needOf(3, 1, 1, 2)).make == 1);
  CHECK(planPool(needOf(3, 1, 1, 3)).make == 0);
  CHECK(planPool(needOf(1, 0, 0, 3)).destroy == 2);
}

TEST_CASE("while jobs come, one VM is ahead, and those that went are replaced") {
  CHECK(planPool(needOf(0, 4, 4, 0)).make == 1);
  CHECK(planPool(needOf(0, 4, 1, 1)).make == 2);
  CHECK(planPool(needOf(0, 4, 0, 4)).make == 0);
  CHECK(planPool(needOf(0, 4, 0, 4)).destroy == 0);
}

TEST_CASE("a pool has no more VMs than it may have") {
  CHECK(planPool(needOf(3, 0, 0, 0, 2)).make == 2);
  CHECK(planPool(needOf(3, 2, 2, 0, 2)).make == 0);
  CHECK(planPool(needOf(0, 5, 5, 0, 2)).make == 0);
}

TEST_CASE("VMs that were idle for too long shrink what is kept, down to nothing") {
  CHECK(shrunkPeak(needOf(0, 4, 0, 4), 0) == 4);
  CHECK(shrunkPeak(needOf(0, 4, 0, 4), 1) == 3);
  CHECK(shrunkPeak(needOf(0, 4, 1, 3), 3) == 1);
  CHECK(shrunkPeak(needOf(0, 1, 0, 1), 1) == 0);
  CHECK(shrunkPeak(needOf(2, 0, 0, 2), 2) == 0);
}

TEST_CASE("spare VMs give way first, then those idle for longest, and no more than needed") {
  const Deadline early;
  const Deadline late = early + Millis(1);
  const Capacity one{1000, 0, 1};
  const Capacity all{3000, 0, 0};
  const std::vector<IdleVm> idle = {{one, late, false}, {one, early, false}, {one, late, true}};
  const Capacity used{3000, 0, 3};
  CHECK(givingWay(all, used, {}, {1000, 0, 1}, idle) == Chosen{2});
  CHECK(givingWay(all, used, {}, {2000, 0, 1}, idle) == Chosen{2, 1});
  CHECK(givingWay(all, used, {}, {3000, 0, 1}, idle) == Chosen{2, 1, 0});
  CHECK(givingWay(all, used, {}, {4000, 0, 1}, idle) == std::nullopt);
  CHECK(givingWay(all, {4000, 0, 4}, {}, {3000, 0, 1}, idle) == std::nullopt);
}

TEST_CASE("nothing gives way where there is room, or soon will be") {
  const std::vector<IdleVm> idle = {{{1000, 0, 1}, {}, true}};
  CHECK(givingWay({2000, 0, 0}, {1000, 0, 1}, {}, {1000, 0, 1}, idle) == Chosen{});
  CHECK(givingWay({2000, 0, 0}, {2000, 0, 2}, {1000, 0, 1}, {1000, 0, 1}, idle) == Chosen{});
}

TEST_CASE("a pause doubles with each failure up to its bound, and one success ends it") {
  Backoff backoff(Millis(10), Millis(35));
  Deadline now;
  CHECK(!backoff.failing());
  for (const int pause : {10, 20, 35, 35}) {
    backoff.failed(now);
    CHECK(backoff.failing());
    CHECK(backoff.paused(now));
    CHECK(backoff.until() == now + Millis(pause));
    now = backoff.until();
    CHECK(!backoff.paused(now));
  }
  backoff.succeeded();
  CHECK(!backoff.failing());
  backoff.failed(now);
  CHECK(backoff.until() == now + Millis(10));
}

TEST_CASE("failures of what was begun before a pause do not lengthen it") {
  Backoff backoff(Millis(10), Millis(100));
  const Deadline now;
  backoff.failed(now);
  backoff.failed(now + Millis(1));
  backoff.failed(now + Millis(9));
  CHECK(backoff.until() == now + Millis(10));
}

}  // namespace
}  // namespace tango::pool
