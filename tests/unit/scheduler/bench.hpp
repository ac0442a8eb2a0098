// A scheduler on its bench: on simulated VMs, with a clock that goes on when it is told to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "async/event.hpp"
#include "scheduler/scheduler.hpp"
#include "support/sim_service.hpp"

namespace tango::scheduler {

// A service with room for one VM, and jobs that take a second.
struct Bench {
  test::SimDisk disk;
  std::optional<test::SimService> service;
  std::function<test::SimAnswer(const test::SimCall&)> run = [](const test::SimCall&) {
    test::SimAnswer answer;
    answer.delay = base::Millis(1'000);
    answer.output = "hello\n";
    return answer;
  };

  Bench() {
    disk.capacities["sim"] = {0, 0, 1};
    disk.jobs->courselabs["lab"];
    restart();
  }
  void restart() {
    service.reset();
    pool::PoolsConfig pools;
    pools.idle_timeout = base::Millis(0);
    service.emplace(disk, pools, SchedulerConfig{});
    service->vmms("sim").script().answerBy([this](const test::SimCall& call) {
      return call.method == test::SimMethod::kRunJob ? run(call) : test::SimAnswer{};
    });
    service->start();
  }
  /// Adds so many jobs and lets the first one begin.
  void add(int jobs = 1) {
    for (int i = 0; i < jobs; ++i) {
      service->add(test::simSubmission());
    }
    service->settle();
  }
  [[nodiscard]] const model::JobRecord& job(std::int64_t id) { return disk.jobs->jobs.at(id); }
  /// Of which nothing that is added becomes durable until that is set.
  std::shared_ptr<async::Event> slowDisk() {
    const auto durable = std::make_shared<async::Event>(service->context().get_executor());
    service->store().addSlowly(durable);
    return durable;
  }
  /// Until the store knows that it runs.
  void untilShown(std::int64_t id) {
    CHECK(service->advanceUntil([this, id] { return job(id).state == model::JobState::kRunning; }));
  }
  bool untilEnded(std::int64_t id) {
    return service->advanceUntil([this, id] { return job(id).state == model::JobState::kEnded; });
  }
  [[nodiscard]] std::vector<std::string> trace(std::int64_t id) {
    std::vector<std::string> lines;
    for (const std::string& line : job(id).trace) {
      lines.push_back(line.substr(line.find('|') + 1));
    }
    return lines;
  }
};

}  // namespace tango::scheduler
