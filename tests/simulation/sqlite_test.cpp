// The same parts on the real store, real files, real threads and real time, killed at random
// moments: what the seeds cannot show, because nothing of them happens at once.
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "async/task_group.hpp"
#include "base/log.hpp"
#include "scheduler/scheduler.hpp"
#include "store/sqlite_job_store.hpp"
#include "support/run_on.hpp"
#include "support/sim_service.hpp"

namespace tango::test {
namespace {

using base::Millis;
using base::Result;
using boost::asio::awaitable;

constexpr int kKills = 12;
constexpr int kJobsEach = 25;

struct Disk {
  TempFolder folder;
  std::shared_ptr<SimMachines> machines = std::make_shared<SimMachines>();
  std::set<std::int64_t> accepted;
  std::map<std::int64_t, int> told;
  std::mt19937_64 random{1};
};

class Service {
 public:
  explicit Service(Disk& disk)
      : disk_(disk),
        folder_(::open(disk.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    auto outputs = files::Outputs::openIn(folder_.get());
    REQUIRE(outputs.ok());
    outputs_ = *std::move(outputs);
    auto store = store::SqliteJobStore::open(context_.get_executor(), disk.folder.path() / "db");
    REQUIRE(store.ok());
    store_ = *std::move(store);
    vmms_ = std::make_unique<SimVmms>(context_.get_executor(), nullptr, disk.machines);
    vmms_->script().answerBy([this](const SimCall&) { return answer(); });
    registry_.backends["sim"] = {vmms_.get(), nullptr, nullptr, {4'000, 0, 0}};
    pool::PoolsConfig pools;
    pools.backoff_min = Millis(1);
    pools.backoff_max = Millis(4);
    pools_ = pool::Pools::make(context_.get_executor(), registry_, pools,
                               [this] { return store_->reserveVmIds(1); });
    scheduler_ = scheduler::Scheduler::make(
        context_.get_executor(),
        {*store_, *outputs_, *pools_, registry_, blocking_,
         [](const std::string& sha256) { return std::filesystem::path("/blobs") / sha256; }},
        {});
    scheduler_->onEnded(
        [this](std::int64_t id, bool /*calls_back*/) { CHECK(++disk_.told[id] == 1); });
  }
  // As the service itself ends where it does not end in order.
  ~Service() {
    context_.stop();
    blocking_.join();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  awaitable<Result<void>> start() {
    co_await pools_->reap();
    const Result<store::Courselab> lab = co_await store_->openCourselab("lab", 0);
    if (!lab) {
      co_return lab.error();
    }
    Result<void> recovered = co_await scheduler_->recover();
    co_return recovered;
  }
  void add() { tasks_.start(accept(simSubmission())); }
  void runSteps(std::uint64_t steps) {
    constexpr Millis kIdle{50};  // it has nothing to do any more
    while (steps > 0 && context_.run_one_for(kIdle) > 0) {
      --steps;
    }
  }
  awaitable<Result<void>> stop() {
    co_await scheduler_->drain(base::after(Millis(60'000)));
    co_await pools_->drain(base::after(Millis(60'000)));
    co_return Result<void>();
  }
  awaitable<Result<bool>> waitEnded(std::int64_t id) {
    const bool ended = co_await scheduler_->waitEnded(id, base::after(Millis(120'000)));
    co_return ended;
  }

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] store::JobStore& store() { return *store_; }
  [[nodiscard]] files::Outputs& outputs() { return *outputs_; }

 private:
  awaitable<void> accept(model::Submission job) {
    const Result<store::AddedJob> added = co_await scheduler_->add(std::move(job), {});
    if (added) {
      disk_.accepted.insert(added->id);
    }
  }
  SimAnswer answer() {
    SimAnswer answer;
    answer.delay = Millis(disk_.random() % 3);
    answer.output = "output\n";
    if (disk_.random() % 20 == 0) {
      answer.error = base::Error(base::ErrorKind::kSystem, "a fault");
      answer.done_anyway = disk_.random() % 2 == 0;
    }
    return answer;
  }

  Disk& disk_;
  boost::asio::io_context context_{1};
  boost::asio::thread_pool blocking_{2};
  base::UniqueFd folder_;
  std::unique_ptr<files::Outputs> outputs_;
  std::unique_ptr<store::JobStore> store_;
  std::unique_ptr<SimVmms> vmms_;
  vmms::Registry registry_;
  std::unique_ptr<pool::Pools> pools_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  async::TaskGroup tasks_{context_.get_executor()};
};

TEST_CASE("what the store accepted ends once, however often the service is killed") {
  base::setLogLevel(base::LogLevel::kError);
  Disk disk;
  for (int kill = 0; kill < kKills; ++kill) {
    Service service(disk);
    REQUIRE(runOn(service.context(), service.start()).ok());
    for (int job = 0; job < kJobsEach; ++job) {
      service.add();
    }
    service.runSteps(disk.random() % 3'000);
  }
  Service service(disk);
  REQUIRE(runOn(service.context(), service.start()).ok());
  store::JobFilter all;
  all.jobs_max = 10'000;
  const auto jobs = runOn(service.context(), service.store().jobs(all));
  REQUIRE(jobs.ok());
  CHECK(jobs.value().size() >= disk.accepted.size());
  for (const model::JobRecord& job : jobs.value()) {
    CHECK(runOn(service.context(), service.waitEnded(job.id)).value());
    const auto ended = runOn(service.context(), service.store().job(job.id));
    REQUIRE(ended.ok());
    CHECK(ended.value().state == model::JobState::kEnded);
    CHECK(ended.value().trace.back().ends_with(ended.value().verdict_text));
    const auto kept = runOn(service.context(), service.store().storedOutput(job.id));
    REQUIRE(kept.ok());
    CHECK((kept.value() || service.outputs().open(job.id).ok()));
    disk.accepted.erase(job.id);
  }
  CHECK(disk.accepted.empty());
  CHECK(runOn(service.context(), service.stop()).ok());
  CHECK(disk.machines->empty());
}

}  // namespace
}  // namespace tango::test
