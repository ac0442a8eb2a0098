#include "pool/pools.hpp"

#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "pool/background_pools.hpp"

namespace tango::pool {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using boost::asio::awaitable;
using vmms::Capacity;

BackgroundPools::BackgroundPools(boost::asio::any_io_executor executor,
                                 const vmms::Registry& registry, PoolsConfig config,
                                 NextVmId next_vm_id, async::TimeSource time)
    : executor_(std::move(executor)),
      registry_(registry),
      config_(std::move(config)),
      next_vm_id_(std::move(next_vm_id)),
      time_(std::move(time)),
      tasks_(executor_),
      endings_(executor_, time_, config_.destroy_timeout, newBackoff()),
      wake_up_(executor_, tasks_, time_, [this] { roomChanged(); }) {
  for (const auto& [name, backend] : registry_.backends) {
    BackendState state{{}, {}, 0, false, 0, newBackoff(), ""};
    states_.emplace(name, std::move(state));
  }
}

// Posted, so that whoever causes it need not expect its first steps in the middle of its own work.
void BackgroundPools::spawn(awaitable<void> task) {
  const auto later = [](awaitable<void> inner) -> awaitable<void> {
    co_await boost::asio::post(boost::asio::use_awaitable);
    co_await std::move(inner);
  };
  tasks_.start(later(std::move(task)));
}

Pool& BackgroundPools::poolOf(const PoolKey& key) {
  const auto found = std::find_if(pools_.begin(), pools_.end(),
                                  [&key](const Pool& pool) { return pool.key == key; });
  if (found != pools_.end()) {
    return *found;
  }
  return pools_.emplace_back(
      Pool{key, 0, 0, time_.now(), false, {}, {}, 0, false, 0, newBackoff()});
}

awaitable<Result<void>> BackgroundPools::giveBack(model::Vm vm, bool in_order) {
  const auto taken = taken_.find(vm.name.id);
  if (taken != taken_.end() && taken->second.second->vm == vm) {
    const auto [pool, place] = taken->second;
    taken_.erase(taken);
    pool->used_at = time_.now();
    discard(*pool, place, in_order);
    roomChanged();
  }
  co_return Result<void>();
}

Result<void> BackgroundPools::preallocate(PoolKey key, std::uint64_t vms) {
  if (registry_.find(key.vmms) == nullptr) {
    return Error(ErrorKind::kNotFound, "there is no VMMS '" + key.vmms + "'");
  }
  if (vms > 0) {
    if (Result<void> fitting = checkFits(key); !fitting) {
      return fitting;
    }
    const Capacity& all = registry_.find(key.vmms)->capacity;
    const Capacity share = shareOf(key.machine);
    const auto most = [vms](std::uint64_t capacity, std::uint64_t each) {
      return capacity == 0 || each == 0 || vms <= capacity / each;
    };
    if (!most(all.cpu_millis, share.cpu_millis) || !most(all.memory_bytes, share.memory_bytes) ||
        !most(all.vms, 1) || !most(config_.pool_vms_max, 1)) {
      return Error(ErrorKind::kTooLarge, std::to_string(vms) + " VMs of " + key.machine.image +
                                             " are more than " + key.vmms + " has room for");
    }
  }
  Pool& pool = poolOf(key);
  pool.preallocated = vms;
  pool.used_at = time_.now();
  roomChanged();
  return {};
}

void BackgroundPools::renewImage(const std::string& vmms, const std::string& image) {
  for (Pool& pool : pools_) {
    if (pool.key.vmms != vmms || pool.key.machine.image != image) {
      continue;
    }
    for (auto vm = pool.vms.begin(); vm != pool.vms.end();) {
      const auto each = vm++;
      if (each->state == VmState::kFree) {
        discard(pool, each, true);
      } else if (each->state == VmState::kMaking && !each->unwanted) {
        rejectMaking(pool, *each);
      }
    }
    pool.backoff.succeeded();
  }
  roomChanged();
}

Result<void> BackgroundPools::checkFits(const PoolKey& key) const {
  const vmms::Backend* backend = registry_.find(key.vmms);
  if (backend == nullptr) {
    return Error(ErrorKind::kNotFound, "there is no VMMS '" + key.vmms + "'");
  }
  if (!couldFit(*backend, shareOf(key.machine))) {
    return Error(ErrorKind::kTooLarge,
                 "a VM with " + std::to_string(shareOf(key.machine).cpu_millis) +
                     " thousandths of a core and " + std::to_string(key.machine.memory_bytes) +
                     " bytes of memory is more than " + key.vmms + " has for all of its jobs");
  }
  return {};
}

std::vector<PoolView> BackgroundPools::view() const {
  std::vector<PoolView> all;
  for (const Pool& pool : pools_) {
    PoolView view{pool.key, pool.preallocated, {}, {}};
    for (const PooledVm& vm : pool.vms) {
      if (!vm.exists) {
        continue;  // only room
      }
      view.total.push_back(vm.vm.name.id);
      if (vm.state == VmState::kFree) {
        view.free.push_back(vm.vm.name.id);
      }
    }
    std::sort(view.total.begin(), view.total.end());
    std::sort(view.free.begin(), view.free.end());
    all.push_back(std::move(view));
  }
  return all;
}

std::vector<BackendView> BackgroundPools::backends() const {
  std::vector<BackendView> all;
  const Deadline now = time_.now();
  for (const auto& [name, state] : states_) {
    const vmms::Backend& backend = *registry_.find(name);
    BackendView view{name, backend.capacity, availableOf(backend), state.used, false,
                     "",   Millis(0)};
    if (state.backoff.paused(now)) {
      view.paused = true;
      view.reason = state.reason;
      view.retry_in = std::chrono::ceil<Millis>(state.backoff.until() - now);
    }
    all.push_back(std::move(view));
  }
  return all;
}

awaitable<void> BackgroundPools::reap() {
  for (auto& [name, backend] : states_) {
    backend.reaping = true;
    spawn(reapBackend(name));
  }
  co_return;
}

awaitable<void> BackgroundPools::reapBackend(std::string vmms) {
  BackendState& backend = states_.at(vmms);
  for (;;) {
    const Result<std::vector<model::Vm>> left = co_await registry_.find(vmms)->vmms->getVMs();
    if (left) {
      backend.leftovers = left->size() + 1;
      for (const model::Vm& vm : *left) {
        base::logInfo("pool: destroying VM " + vm.name.text() + ", left by an earlier service");
        spawn(reapVm(vmms, vm));
      }
      break;
    }
    pauseBackend(vmms, left.error().during("list the VMs"));
    co_await endings_.pauseUntil(backend.backoff.until());
    if (draining_) {
      co_return;
    }
  }
  backend.backoff.succeeded();
  leftoverTried(vmms);
}

// What it takes nobody knows any more: it counts as one core.
awaitable<void> BackgroundPools::reapVm(std::string vmms, model::Vm vm) {
  const Result<void> gone = co_await endings_.attempt(*registry_.find(vmms)->vmms, vm);
  if (!gone) {
    const Capacity share = shareOf({vm.name.image, 0, 0, 0, 0, 0, false, {}});
    BackendState& backend = states_.at(vmms);
    backend.used = plus(backend.used, share);
    backend.leaving = plus(backend.leaving, share);
    spawn(destroy(vmms, vm, share, false));
  }
  leftoverTried(vmms);
}

void BackgroundPools::leftoverTried(const std::string& vmms) {
  BackendState& backend = states_.at(vmms);
  if (--backend.leftovers == 0) {
    backend.reaping = false;
    roomChanged();
  }
}

awaitable<void> BackgroundPools::drain(Deadline deadline) {
  using namespace boost::asio::experimental::awaitable_operators;
  draining_ = true;
  endings_.stop();
  wake_up_.stop();
  for (Pool& pool : pools_) {
    for (Taker* const taker : pool.takers) {
      taker->wake.set();
    }
    for (auto vm = pool.vms.begin(); vm != pool.vms.end();) {
      const auto each = vm++;
      if (each->state == VmState::kFree || (each->state == VmState::kReserved && each->exists)) {
        discard(pool, each, true);
      } else if (each->state == VmState::kMaking && each->exists && !each->unwanted) {
        rejectMaking(pool, *each);
      }
    }
  }
  co_await (tasks_.allEnded() || async::wait(time_.alarm(executor_, deadline)));
}

std::unique_ptr<Pools> Pools::make(boost::asio::any_io_executor executor,
                                   const vmms::Registry& registry, PoolsConfig config,
                                   NextVmId next_vm_id, async::TimeSource time) {
  return std::make_unique<BackgroundPools>(std::move(executor), registry, std::move(config),
                                           std::move(next_vm_id), std::move(time));
}

}  // namespace tango::pool
