#include "pool/pools.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "pool/pool_plan.hpp"
#include "support/sim_service.hpp"

namespace tango::pool {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using test::SimAnswer;
using test::SimMethod;
using test::SimService;

PoolKey keyOf(const std::string& image, std::uint64_t cpu_millis = 0) {
  PoolKey key{"sim", test::simSubmission().machine};
  key.machine.image = image;
  key.machine.cpu_millis = cpu_millis;
  return key;
}

model::Submission jobFor(const std::string& image, std::uint64_t cpu_millis = 0) {
  model::Submission job = test::simSubmission();
  job.machine = keyOf(image, cpu_millis).machine;
  return job;
}

SimAnswer failing(ErrorKind kind) {
  SimAnswer answer;
  answer.error = Error(kind, "a fault");
  return answer;
}

// A service with one VMMS that has room for `vms` VMs.
struct Bench {
  test::SimDisk disk;
  PoolsConfig config;
  std::optional<SimService> service;

  explicit Bench(std::uint64_t vms = 0, std::uint64_t cpu_millis = 0) {
    disk.capacities["sim"] = {cpu_millis, 0, vms};
    disk.jobs->courselabs["lab"];
    restart();
    service->start();
  }
  void restart() {
    service.reset();
    service.emplace(disk, config, scheduler::SchedulerConfig{});
  }
  [[nodiscard]] test::SimScript& script() { return service->vmms("sim").script(); }
  [[nodiscard]] std::size_t free(const std::string& image) {
    for (const PoolView& pool : service->pools().view()) {
      if (pool.key.machine.image == image) {
        return pool.free.size();
      }
    }
    return 0;
  }
  [[nodiscard]] std::size_t machines() { return service->vmms("sim").machines(); }
  TakenVm take(const PoolKey& key) {
    base::Result<TakenVm> taken = service->run(service->pools().take(
        key, Try::kFirst, std::make_shared<async::Event>(service->context().get_executor())));
    REQUIRE(taken.ok());
    service->settle();
    return *taken;
  }
  void preallocate(const PoolKey& key, std::uint64_t vms) {
    REQUIRE(service->pools().preallocate(key, vms).ok());
    service->settle();
  }
  bool untilEnded(std::int64_t id) {
    return service->advanceUntil([this, id] {
      return disk.jobs->jobs.contains(id) &&
             disk.jobs->jobs.at(id).state == model::JobState::kEnded;
    });
  }
  [[nodiscard]] const model::JobRecord& job(std::int64_t id) { return disk.jobs->jobs.at(id); }
};

// Two hosts; VMs with an even id are on the first, the others on the second.
class TwoHosts final : public vmms::Hosts {
 public:
  TwoHosts(test::SimDisk& disk, vmms::Capacity each) {
    for (const char* name : {"even", "odd"}) {
      vmms::HostView& host = views_.emplace_back();
      host.name = name;
      host.capacity = each;
    }
    disk.hosts["sim"] = this;
    disk.capacities["sim"] = plus(each, each);
  }
  void follow(test::SimVmms& vmms) { vmms_ = &vmms; }
  [[nodiscard]] vmms::HostView& at(std::size_t index) { return views_.at(index); }

  [[nodiscard]] std::vector<vmms::HostView> hosts() const override {
    std::vector<vmms::HostView> views = views_;
    for (const auto& [name, spec] : vmms_->all()) {
      vmms::Capacity& used = views.at(static_cast<std::size_t>(name.id % 2)).used;
      used = plus(used, shareOf(spec));
    }
    return views;
  }
  base::Result<void> drainHost(const std::string& /*name*/, bool /*drained*/) override {
    return {};
  }
  boost::asio::awaitable<
      base::Result<std::vector<std::pair<std::string, std::vector<std::string>>>>>
  imagesByHost() override {
    co_return Error(ErrorKind::kUnsupported, "there are no images");
  }
  void onHostsChanged(std::function<void()> /*changed*/) override {}

 private:
  std::vector<vmms::HostView> views_;
  test::SimVmms* vmms_ = nullptr;
};

// A bench whose VMMS has hosts.
struct HostBench {
  Bench bench;
  TwoHosts hosts;

  explicit HostBench(vmms::Capacity each, Millis idle_timeout = Millis(300'000))
      : hosts(bench.disk, each) {
    bench.config.idle_timeout = idle_timeout;
    bench.service.reset();
    bench.service.emplace(bench.disk, bench.config, scheduler::SchedulerConfig{});
    hosts.follow(bench.service->vmms("sim"));
    bench.service->start();
  }
  void changed() {
    bench.service->pools().capacityChanged();
    bench.service->settle();
  }
};

TEST_CASE("while no host takes VMs none is made, and jobs begin as soon as one does") {
  HostBench with({0, 0, 2});
  with.hosts.at(0).trouble = "it does not answer";
  with.hosts.at(1).draining = true;
  Bench& bench = with.bench;
  bench.service->add(jobFor("img"));
  bench.service->settle();
  CHECK(bench.script().count(SimMethod::kInitializeVM) == 0);
  CHECK(!bench.service->pools().backends().at(0).available);
  CHECK(bench.service->pools().checkFits(keyOf("img")).ok());
  CHECK(!bench.service->advance());
  with.hosts.at(0).trouble.clear();
  with.changed();
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == model::Verdict::kSucceeded);
}

TEST_CASE("what is in use on a drained host takes nothing from the other one") {
  HostBench with({0, 0, 1}, Millis(0));
  Bench& bench = with.bench;
  const TakenVm first = bench.take(keyOf("img"));
  with.hosts.at(static_cast<std::size_t>(first.vm.name.id % 2)).draining = true;
  with.changed();
  REQUIRE(bench.service->pools().backends().at(0).available);
  CHECK(bench.service->pools().backends().at(0).available->vms == 2);
  const TakenVm second = bench.take(keyOf("img"));
  CHECK(second.vm.name.id != first.vm.name.id);
  CHECK(!bench.service->pools().reserve(keyOf("img")));
}

TEST_CASE("idle VMs give way where there is room enough, but in two pieces") {
  HostBench with({2'000, 0, 0});
  Bench& bench = with.bench;
  bench.preallocate(keyOf("kept", 1'000), 2);
  CHECK(bench.free("kept") == 2);
  bench.service->add(jobFor("large", 2'000));
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == model::Verdict::kSucceeded);
  bench.service->settle();
  CHECK(bench.free("kept") == 2);
}

TEST_CASE("what no host has in one piece is refused, although all have it together") {
  HostBench with({2'000, 0, 0});
  const Pools& pools = with.bench.service->pools();
  CHECK(pools.checkFits(keyOf("img", 2'000)).ok());
  CHECK(pools.checkFits(keyOf("img", 2'001)).error().kind() == ErrorKind::kTooLarge);
}

TEST_CASE("preallocated VMs are made at once, and one that is taken is replaced while it is used") {
  Bench bench;
  bench.preallocate(keyOf("img"), 2);
  CHECK(bench.free("img") == 2);
  const TakenVm taken = bench.take(keyOf("img"));
  CHECK(taken.existing);
  CHECK(bench.free("img") == 2);
  CHECK(bench.machines() == 3);
  CHECK(bench.service->run(bench.service->pools().giveBack(taken.vm, true)).ok());
  bench.service->settle();
  CHECK(bench.machines() == 2);
}

TEST_CASE("a VM that was not made ahead is new, and its job waits for it") {
  Bench bench;
  CHECK(!bench.take(keyOf("img")).existing);
  CHECK(bench.script().count(SimMethod::kWaitVM) == 1);  // of the one that is made ahead
}

TEST_CASE("what is no longer to be kept goes") {
  Bench bench;
  bench.preallocate(keyOf("img"), 3);
  bench.preallocate(keyOf("img"), 1);
  CHECK(bench.machines() == 1);
  bench.preallocate(keyOf("img"), 0);
  CHECK(bench.machines() == 0);
  CHECK(bench.service->pools().view().empty());
}

TEST_CASE("more than there can be is not preallocated") {
  Bench bench(2, 3000);
  CHECK(bench.service->pools().preallocate(keyOf("img"), 3).error().kind() == ErrorKind::kTooLarge);
  CHECK(bench.service->pools().preallocate(keyOf("img", 2000), 2).error().kind() ==
        ErrorKind::kTooLarge);
  CHECK(bench.service->pools().preallocate(keyOf("img", 3001), 1).error().kind() ==
        ErrorKind::kTooLarge);
  CHECK(bench.service->pools().preallocate({"none", {}}, 1).error().kind() == ErrorKind::kNotFound);
}

TEST_CASE("an idle VM gives way to another pool's job, and is made anew behind it") {
  Bench bench(2);
  bench.preallocate(keyOf("kept"), 2);
  CHECK(bench.free("kept") == 2);
  bench.service->add(jobFor("other"));
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == model::Verdict::kSucceeded);
  bench.service->settle();
  CHECK(bench.free("kept") == 2);
}

TEST_CASE("a VM that still boots gives way, too") {
  Bench bench(1);
  SimAnswer slow;
  slow.delay = Millis(50'000);
  bench.script().set(SimMethod::kWaitVM, 1, slow);
  bench.preallocate(keyOf("kept"), 1);
  const base::Deadline before = bench.disk.clock->now();
  bench.service->add(jobFor("other"));
  CHECK(bench.untilEnded(1));
  CHECK(bench.disk.clock->now() == before);
}

TEST_CASE("a large VM is not kept out by small ones that always fit") {
  Bench bench(0, 4000);
  SimAnswer run;
  run.delay = Millis(1'000);
  bench.script().answerBy([run](const test::SimCall& call) {
    return call.method == SimMethod::kRunJob && call.number % 3 != 0 ? run : SimAnswer{};
  });
  for (int i = 0; i < 200; ++i) {
    bench.service->add(jobFor("small"));
  }
  bench.service->add(jobFor("large", 4000));
  CHECK(bench.untilEnded(201));
  CHECK(bench.service->told().size() < 100);
}

TEST_CASE("a VMMS that fails is paused, and tried with one VM at a time until it works") {
  Bench bench;
  bench.script().answerBy([&bench](const test::SimCall& call) {
    const bool down = bench.disk.clock->now() < bench.disk.started + Millis(20'000);
    return call.method == SimMethod::kInitializeVM && down ? failing(ErrorKind::kSystem)
                                                           : SimAnswer{};
  });
  for (int i = 0; i < 3; ++i) {
    bench.service->add(jobFor("img"));
  }
  bench.service->settle();
  const BackendView view = bench.service->pools().backends().at(0);
  CHECK(view.paused);
  CHECK(view.reason.find("a fault") != std::string::npos);
  CHECK(view.retry_in == Millis(1'000));
  bench.service->add(jobFor("img"));
  CHECK(bench.untilEnded(4));
  CHECK(bench.job(4).verdict == model::Verdict::kSucceeded);
  // Three at once, and then one after 1, 2, 4, 8 and 16 s.
  CHECK(bench.script().count(SimMethod::kInitializeVM) <= 3 + 4 + 5);
  CHECK(!bench.service->pools().backends().at(0).paused);
}

TEST_CASE("an image that its VMMS refuses fails its job at once and pauses nobody") {
  Bench bench;
  bench.script().answerBy([](const test::SimCall& call) {
    return call.method == SimMethod::kInitializeVM && call.spec.image == "bad"
               ? failing(ErrorKind::kNotFound)
               : SimAnswer{};
  });
  bench.service->add(jobFor("bad"));
  bench.service->add(jobFor("good"));
  const base::Deadline before = bench.disk.clock->now();
  CHECK(bench.untilEnded(1));
  CHECK(bench.untilEnded(2));
  CHECK(bench.disk.clock->now() == before);
  CHECK(bench.job(1).verdict == model::Verdict::kInternalError);
  CHECK(bench.job(1).retries == 0);
  CHECK(bench.job(2).verdict == model::Verdict::kSucceeded);
  CHECK(!bench.service->pools().backends().at(0).paused);
}

TEST_CASE("a job whose VM died unnoticed gets a new one, although others stand ready") {
  Bench bench;
  bench.preallocate(keyOf("img"), 3);
  for (const auto& [name, spec] : bench.service->vmms("sim").all()) {
    bench.service->vmms("sim").lose(name);
  }
  bench.service->add(jobFor("img"));
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == model::Verdict::kSucceeded);
  CHECK(bench.job(1).retries == 1);
}

TEST_CASE("a VM takes its room until it is gone") {
  Bench bench(1);
  bench.script().set(SimMethod::kDestroyVM, 1, failing(ErrorKind::kSystem));
  bench.script().set(SimMethod::kSafeDestroyVM, 1, failing(ErrorKind::kTimeout));
  bench.script().set(SimMethod::kSafeDestroyVM, 2, failing(ErrorKind::kTimeout));
  bench.service->add(jobFor("img"));
  bench.service->add(jobFor("img"));
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(2).state == model::JobState::kQueued);
  CHECK(bench.service->pools().backends().at(0).used.vms == 1);
  CHECK(bench.untilEnded(2));
  CHECK(bench.disk.clock->now() == bench.disk.started + Millis(1'000 + 2'000));
}

TEST_CASE("what an earlier service left is destroyed before anything new is made") {
  Bench bench(1);
  bench.preallocate(keyOf("img"), 1);
  bench.restart();
  bench.script().set(SimMethod::kGetVMs, 1, failing(ErrorKind::kSystem));
  bench.service->start();
  CHECK(bench.service->pools().backends().at(0).paused);
  bench.preallocate(keyOf("img"), 1);
  CHECK(bench.script().count(SimMethod::kInitializeVM) == 0);
  CHECK(bench.service->advanceUntil([&bench] { return bench.free("img") == 1; }));
  CHECK(bench.script().count(SimMethod::kSafeDestroyVM) == 1);
  CHECK(bench.disk.clock->now() == bench.disk.started + Millis(1'000));
  CHECK(bench.machines() == 1);
}

TEST_CASE("VMs that nobody asked for go after their time, and none is made where that is zero") {
  Bench bench;
  SUBCASE("after a time") {
    bench.service->add(jobFor("img"));
    CHECK(bench.untilEnded(1));
    bench.service->settle();
    CHECK(bench.machines() == 1);
    const base::Deadline ended = bench.disk.clock->now();
    while (bench.service->advance()) {
    }
    CHECK(bench.machines() == 0);
    CHECK(bench.disk.clock->now() == ended + bench.config.idle_timeout);
  }
  SUBCASE("none") {
    bench.config.idle_timeout = Millis(0);
    bench.restart();
    bench.service->start();
    bench.service->add(jobFor("img"));
    CHECK(bench.untilEnded(1));
    bench.service->settle();
    CHECK(bench.script().count(SimMethod::kInitializeVM) == 1);
    while (bench.service->advance()) {
    }
    CHECK(bench.script().count(SimMethod::kInitializeVM) == 1);
    CHECK(bench.machines() == 0);
  }
}

TEST_CASE("where VMs cost money a pool that no job uses keeps none, until the next job") {
  Bench bench;
  bench.disk.sleep_after = Millis(3'600'000);
  bench.restart();
  bench.service->start();
  bench.preallocate(keyOf("img"), 2);
  CHECK(bench.machines() == 2);
  const base::Deadline begun = bench.disk.clock->now();
  while (bench.service->advance()) {
  }
  CHECK(bench.machines() == 0);
  CHECK(bench.disk.clock->now() == begun + bench.disk.sleep_after);
  bench.service->add(jobFor("img"));
  CHECK(bench.untilEnded(1));
  bench.service->settle();
  CHECK(bench.free("img") == 2);
}

TEST_CASE("a VM for a job that brings its own account is made for that job alone") {
  Bench bench;
  PoolKey key = keyOf("img");
  key.machine.account = {"AKID", "secret"};
  const TakenVm taken = bench.take(key);
  CHECK(bench.script().count(SimMethod::kInitializeVM) == 1);
  REQUIRE(bench.service->run(bench.service->pools().giveBack(taken.vm, true)).ok());
  bench.service->settle();
  CHECK(bench.script().count(SimMethod::kInitializeVM) == 1);
  CHECK(bench.machines() == 0);
}

TEST_CASE("an image that was made anew has its idle VMs made anew") {
  Bench bench;
  bench.preallocate(keyOf("img"), 2);
  bench.service->pools().renewImage("sim", "img");
  bench.service->settle();
  CHECK(bench.free("img") == 2);
  CHECK(bench.script().count(SimMethod::kDestroyVM) == 2);
  CHECK(bench.script().count(SimMethod::kInitializeVM) == 4);
}

TEST_CASE("a pool may be bounded") {
  Bench bench;
  bench.config.pool_vms_max = 2;
  bench.restart();
  bench.service->start();
  for (int i = 0; i < 5; ++i) {
    bench.service->add(jobFor("img"));
  }
  bench.service->settle();
  CHECK(bench.machines() <= 2);
  CHECK(bench.untilEnded(5));
}

TEST_CASE("a reservation that nobody takes is given back") {
  Bench bench(1);
  CHECK(bench.service->pools().reserve(keyOf("img")));
  CHECK(!bench.service->pools().reserve(keyOf("img")));
  bench.service->pools().unreserve(keyOf("img"));
  bench.service->pools().unreserve(keyOf("img"));
  CHECK(bench.service->pools().reserve(keyOf("img")));
  CHECK(!bench.service->pools().reserve({"none", {}}));
}

TEST_CASE("who gives up does not wait") {
  Bench bench(1);
  static_cast<void>(bench.take(keyOf("img")));
  const auto give_up = std::make_shared<async::Event>(bench.service->context().get_executor());
  give_up->set();
  const auto taken =
      bench.service->run(bench.service->pools().take(keyOf("img"), Try::kAgain, give_up));
  REQUIRE(!taken);
  CHECK(taken.error().kind() == ErrorKind::kCancelled);
}

TEST_CASE("a service that stops leaves no VM behind, not even one that boots") {
  Bench bench;
  bench.preallocate(keyOf("img"), 1);
  SimAnswer slow;
  slow.delay = Millis(50'000);
  bench.script().set(SimMethod::kWaitVM, 2, slow);
  bench.preallocate(keyOf("slow"), 1);
  CHECK(bench.machines() == 2);
  bench.service->stop(Millis(0));
  CHECK(bench.machines() == 0);
  CHECK(bench.disk.clock->now() == bench.disk.started);
}

TEST_CASE("pools that hold nothing are forgotten") {
  Bench bench(1);
  for (std::uint64_t i = 0; i < 50; ++i) {
    model::Submission job = jobFor("img");
    job.machine.disk_bytes = i;
    bench.service->add(job);
  }
  CHECK(bench.untilEnded(50));
  bench.service->settle();
  CHECK(bench.service->pools().view().size() <= 1);
}

}  // namespace
}  // namespace tango::pool
