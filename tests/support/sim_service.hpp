// Scheduler, pools and store put together as the service does it, on simulated VMMSs and a clock
// that a test moves. What a restart keeps is outside of it: see SimDisk.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "async/task_group.hpp"
#include "base/assert.hpp"
#include "base/unique_fd.hpp"
#include "files/outputs.hpp"
#include "pool/pools.hpp"
#include "scheduler/scheduler.hpp"
#include "support/idle_pool.hpp"
#include "support/manual_clock.hpp"
#include "support/mem_job_store.hpp"
#include "support/sim_vmms.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

/// What outlives the service: its data folder, the VMs of each VMMS, and time.
struct SimDisk {
  TempFolder folder;
  std::shared_ptr<MemJobs> jobs = std::make_shared<MemJobs>();
  std::map<std::string, std::shared_ptr<SimMachines>> machines;
  std::map<std::string, vmms::Capacity> capacities;  ///< by VMMS: there are these
  std::map<std::string, vmms::Hosts*> hosts;         ///< by VMMS, of those that have some
  base::Millis sleep_after{0};                       ///< of all
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  base::Deadline started = clock->now();

  /// The time of day: noon, and what the clock has gone since.
  [[nodiscard]] base::UnixMillis now() const;
};

class SimService {
 public:
  SimService(SimDisk& disk, pool::PoolsConfig pools, scheduler::SchedulerConfig scheduler);
  /// As SIGKILL ends it, unless it was stopped.
  ~SimService();
  SimService(const SimService&) = delete;
  SimService& operator=(const SimService&) = delete;

  /// What the service does first: VMs left are reaped, jobs recovered.
  void start();
  /// As a client's addJob; the job's id once the store has it.
  void add(model::Submission submission);
  void cancel(std::int64_t id);
  /// In order: jobs may end until `patience` has passed.
  void stop(base::Millis patience);

  /// Does all that can be done without time going on.
  void settle();
  /// Lets time go on to whatever waits next. False: nothing waits.
  bool advance();
  /// Until `done`, or until nothing waits: whether it is done.
  template <class Done>
  bool advanceUntil(Done done) {
    settle();
    while (!done()) {
      if (!advance()) {
        return false;
      }
    }
    return true;
  }

  /// What `operation` gives, with time going on as far as it needs.
  template <class T>
  T run(boost::asio::awaitable<T> operation) {
    std::optional<T> result;
    const auto keep = [](boost::asio::awaitable<T> inner,
                         std::optional<T>& into) -> boost::asio::awaitable<void> {
      into.emplace(co_await std::move(inner));
    };
    spawn(keep(std::move(operation), result));
    TANGO_ASSERT(advanceUntil([&result] { return result.has_value(); }), "it never ends");
    return *std::move(result);
  }

  [[nodiscard]] MemJobStore& store() { return store_; }
  [[nodiscard]] pool::Pools& pools() { return *pools_; }
  [[nodiscard]] scheduler::Scheduler& scheduler() { return *scheduler_; }
  [[nodiscard]] SimVmms& vmms(const std::string& name) { return *vmms_.at(name); }
  [[nodiscard]] files::Outputs& outputs() { return *outputs_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  /// Which jobs' ends it was told of, in order.
  [[nodiscard]] const std::vector<std::int64_t>& told() const { return told_; }
  /// VMs with ids from here on are its own.
  [[nodiscard]] std::int64_t firstVm() const { return first_vm_; }
  /// The whole output of a job; nothing: there is none.
  [[nodiscard]] std::optional<std::string> outputOf(std::int64_t id) const;

 private:
  void spawn(boost::asio::awaitable<void> task);
  void checkCapacity();

  SimDisk& disk_;
  boost::asio::io_context context_{1};
  IdlePool blocking_;
  base::UniqueFd folder_;
  std::unique_ptr<files::Outputs> outputs_;
  MemJobStore store_;
  std::map<std::string, std::unique_ptr<SimVmms>> vmms_;
  vmms::Registry registry_;
  std::unique_ptr<pool::Pools> pools_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  std::vector<std::int64_t> told_;
  const std::int64_t first_vm_;
  async::TaskGroup tasks_;
};

/// A job of a courselab "lab" for the image "img" of the VMMS "sim", with no files.
model::Submission simSubmission();

}  // namespace tango::test
