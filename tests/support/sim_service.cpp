#include "support/sim_service.hpp"

#include <array>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "pool/pool_plan.hpp"
#include "scheduler/job_text.hpp"

namespace tango::test {
namespace {

using base::Result;
using boost::asio::awaitable;

/// More steps than any moment needs: whatever goes on for longer polls.
constexpr std::size_t kStepsMax = 1'000'000;

async::TimeSource timeOf(const std::shared_ptr<ManualClock>& clock) {
  async::TimeSource time;
  time.now = [clock] { return clock->now(); };
  time.alarm = [clock](const boost::asio::any_io_executor& executor, base::Deadline due) {
    return clock->alarm(executor, due);
  };
  return time;
}

}  // namespace

base::UnixMillis SimDisk::now() const {
  constexpr base::UnixMillis kNoon = 1'795'521'600'000;
  return kNoon + std::chrono::duration_cast<base::Millis>(clock->now() - started).count();
}

SimService::SimService(SimDisk& disk, pool::PoolsConfig pools, scheduler::SchedulerConfig scheduler)
    : disk_(disk),
      folder_(::open(disk.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      store_(context_.get_executor(), disk.jobs),
      first_vm_(disk.jobs->next_vm),
      tasks_(context_.get_executor()) {
  auto outputs = files::Outputs::openIn(folder_.get());
  REQUIRE(outputs.ok());
  outputs_ = *std::move(outputs);
  for (const auto& [name, capacity] : disk.capacities) {
    auto& machines = disk.machines[name];
    machines = machines ? machines : std::make_shared<SimMachines>();
    vmms_[name] = std::make_unique<SimVmms>(context_.get_executor(), disk.clock, machines);
    const auto hosts = disk.hosts.find(name);
    registry_.backends[name] = {vmms_[name].get(), nullptr, nullptr, capacity,
                                hosts == disk.hosts.end() ? nullptr : hosts->second};
    registry_.backends[name].sleep_after = disk.sleep_after;
  }
  const async::TimeSource time = timeOf(disk.clock);
  pools_ = pool::Pools::make(
      context_.get_executor(), registry_, std::move(pools),
      [this] { return store_.reserveVmIds(1); }, time);
  scheduler_ = scheduler::Scheduler::make(
      context_.get_executor(),
      {store_, *outputs_, *pools_, registry_, blocking_.pool(),
       [](const std::string& sha256) { return std::filesystem::path("/blobs") / sha256; }},
      scheduler, [this] { return disk_.now(); }, time);
  scheduler_->onEnded([this](std::int64_t id, bool /*calls_back*/) { told_.push_back(id); });
}

SimService::~SimService() = default;

void SimService::spawn(awaitable<void> task) {
  tasks_.start(std::move(task));
}

void SimService::start() {
  const auto begin = [](SimService& self) -> awaitable<void> {
    co_await self.pools_->reap();
    for (;;) {
      const Result<void> recovered = co_await self.scheduler_->recover();
      if (recovered) {
        co_return;
      }
    }
  };
  spawn(begin(*this));
  settle();
}

void SimService::add(model::Submission submission) {
  const auto accept = [](SimService& self, model::Submission asked) -> awaitable<void> {
    store::AddOptions options;
    options.now = self.disk_.now();
    options.first_trace_line = scheduler::traceLine(static_cast<std::time_t>(options.now / 1000),
                                                    "Added job " + asked.name + ":%ID% to queue");
    const Result<store::AddedJob> added =
        co_await self.scheduler_->add(std::move(asked), std::move(options));
    static_cast<void>(added);  // a disk may be full
  };
  spawn(accept(*this, std::move(submission)));
}

void SimService::cancel(std::int64_t id) {
  const auto end = [](SimService& self, std::int64_t job) -> awaitable<void> {
    const Result<void> ended = co_await self.scheduler_->cancel(job);
    static_cast<void>(ended);  // it may have ended, or the service stops
  };
  spawn(end(*this, id));
}

void SimService::stop(base::Millis patience) {
  bool stopped = false;
  const auto drain = [](SimService& self, base::Millis time, bool& done) -> awaitable<void> {
    co_await self.scheduler_->drain(self.disk_.clock->now() + time);
    co_await self.pools_->drain(self.disk_.clock->now() + base::Millis(600'000));
    done = true;
  };
  spawn(drain(*this, patience, stopped));
  CHECK(advanceUntil([&stopped] { return stopped; }));
  CHECK(scheduler_->running() == 0);
}

void SimService::settle() {
  std::size_t steps = 0;
  for (std::size_t done = 1; done > 0; steps += done) {
    context_.restart();
    done = context_.poll_one() + blocking_.poll();
    checkCapacity();
    REQUIRE_MESSAGE(steps < kStepsMax, "it never comes to rest");
  }
}

bool SimService::advance() {
  const bool advanced = disk_.clock->advanceToNext();
  settle();
  return advanced;
}

// What an earlier service left is not its own making.
void SimService::checkCapacity() {
  for (const auto& [name, vmms] : vmms_) {
    vmms::Capacity used;
    for (const auto& [vm, spec] : vmms->all()) {
      if (vm.id >= first_vm_) {
        used = pool::plus(used, pool::shareOf(spec));
      }
    }
    if (!pool::fits(disk_.capacities.at(name), {}, used)) {
      FAIL("more VMs of " << name << " than there is room for");
    }
  }
}

std::optional<std::string> SimService::outputOf(std::int64_t id) const {
  const auto kept = disk_.jobs->outputs.find(id);
  if (kept != disk_.jobs->outputs.end()) {
    return kept->second;
  }
  const Result<base::UniqueFd> file = outputs_->open(id);
  if (!file) {
    return std::nullopt;
  }
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t size = 1; size > 0;) {
    size = ::read(file.value().get(), piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }
  return text;
}

model::Submission simSubmission() {
  model::Submission job;
  job.courselab = "lab";
  job.name = "job";
  job.vmms = "sim";
  job.machine.image = "img";
  job.machine.memory_bytes = model::kMiB;
  job.output_file = "out";
  return job;
}

}  // namespace tango::test
