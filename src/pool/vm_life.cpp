// A VM's life in its pool, and what is made and destroyed behind the jobs.
#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>

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

namespace {

/// Whether the VMMS refused what was asked: nothing was made, and it is not in trouble itself.
bool isRefusal(const Error& error) {
  return error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kInvalid ||
         error.kind() == ErrorKind::kUnsupported || error.kind() == ErrorKind::kTooLarge ||
         error.kind() == ErrorKind::kExists;
}

}  // namespace

// It counts from here on, although nothing of it exists yet.
BackgroundPools::VmIterator BackgroundPools::place(Pool& pool, VmState state) {
  BackendState& backend = stateOf(pool);
  backend.used = plus(backend.used, shareOf(pool.key.machine));
  ++backend.unsettled;
  pool.vms.push_back({state, {}, false, false, false, time_.now()});
  return std::prev(pool.vms.end());
}

void BackgroundPools::settle(Pool& pool, PooledVm& vm) {
  if (!vm.settled) {
    vm.settled = true;
    --stateOf(pool).unsettled;
  }
}

// Nothing of it exists.
void BackgroundPools::displace(Pool& pool, VmIterator vm) {
  BackendState& backend = stateOf(pool);
  settle(pool, *vm);
  backend.used = minus(backend.used, shareOf(pool.key.machine));
  if (vm->unwanted) {
    backend.leaving = minus(backend.leaving, shareOf(pool.key.machine));
  }
  pool.vms.erase(vm);
  roomChanged();
}

// It exists, and goes.
void BackgroundPools::discard(Pool& pool, VmIterator vm, bool in_order) {
  const Capacity share = shareOf(pool.key.machine);
  BackendState& backend = stateOf(pool);
  settle(pool, *vm);
  if (!vm->unwanted) {
    backend.leaving = plus(backend.leaving, share);
  }
  model::Vm leaving = std::move(vm->vm);
  pool.vms.erase(vm);
  spawn(destroy(pool.key.vmms, std::move(leaving), share, in_order));
}

// Destroyed while it boots: makeAhead sees that, and lets it go.
void BackgroundPools::rejectMaking(Pool& pool, PooledVm& vm) {
  vm.unwanted = true;
  BackendState& backend = stateOf(pool);
  backend.leaving = plus(backend.leaving, shareOf(pool.key.machine));
  if (vm.exists) {
    spawn(destroyNow(pool.key.vmms, vm.vm));
  }
}

awaitable<void> BackgroundPools::destroyNow(std::string vmms, model::Vm vm) {
  const Result<void> destroyed = co_await registry_.find(vmms)->vmms->destroyVM(vm);
  if (!destroyed) {
    base::logWarning("pool: " + destroyed.error().message());
  }
}

awaitable<void> BackgroundPools::destroy(std::string vmms, model::Vm vm, Capacity share,
                                         bool in_order) {
  co_await endings_.destroy(*registry_.find(vmms)->vmms, std::move(vm), in_order);
  BackendState& backend = states_.at(vmms);
  backend.used = minus(backend.used, share);
  backend.leaving = minus(backend.leaving, share);
  roomChanged();
}

// Making it failed: unless the VMMS refused it, a part of it may be there.
void BackgroundPools::removeUnmade(Pool& pool, VmIterator vm) {
  if (vm->exists) {
    discard(pool, vm, false);
    roomChanged();
  } else {
    displace(pool, vm);
  }
}

awaitable<Result<void>> BackgroundPools::nameVm(const Pool& pool, PooledVm& vm) {
  const Result<std::int64_t> id = co_await next_vm_id_();
  if (!id) {
    co_return id.error();
  }
  vm.vm.name = {config_.vm_prefix, *id, pool.key.machine.image};
  co_return Result<void>();
}

// That the store is out of order is no fault of the job's: it waits. False: it is not wanted any
// more.
awaitable<bool> BackgroundPools::nameForJob(Pool& pool, PooledVm& vm,
                                            std::shared_ptr<async::Event> give_up) {
  using namespace boost::asio::experimental::awaitable_operators;
  Backoff backoff = newBackoff();
  while (!give_up->isSet() && !draining_) {
    const Result<void> named = co_await nameVm(pool, vm);
    if (named) {
      co_return true;
    }
    base::logError("pool: " + named.error().message());
    backoff.failed(time_.now());
    co_await (endings_.pauseUntil(backoff.until()) || give_up->wait());
  }
  co_return false;
}

awaitable<Result<void>> BackgroundPools::initialize(Pool& pool, PooledVm& vm) {
  const Result<model::Vm> made =
      co_await backendOf(pool).vmms->initializeVM(vm.vm.name, pool.key.machine);
  if (made) {
    vm.exists = true;
    vm.vm = *made;
    co_return Result<void>();
  }
  if (!isRefusal(made.error())) {
    vm.exists = true;
    if (!pool.key.machine.account.isSet()) {  // else it is that account's trouble alone
      pauseBackend(pool.key.vmms, made.error());
    }
  }
  co_return made.error();
}

void BackgroundPools::pauseBackend(const std::string& vmms, const Error& error) {
  BackendState& backend = states_.at(vmms);
  backend.backoff.failed(time_.now());
  backend.reason = error.message();
  wake_up_.at(backend.backoff.until());
  base::logWarning("pool: " + vmms + " is paused: " + error.message());
}

awaitable<Result<void>> BackgroundPools::bringUp(Pool& pool, PooledVm& vm) {
  const Result<void> named = co_await nameVm(pool, vm);
  if (!named) {
    co_return named;
  }
  const Result<void> made = co_await initialize(pool, vm);
  if (!made) {
    co_return made;
  }
  if (draining_ || vm.unwanted) {
    co_return Error(ErrorKind::kCancelled, "it is not wanted any more");
  }
  const vmms::Backend& backend = backendOf(pool);
  Result<void> ready = co_await backend.vmms->waitVM(
      vm.vm, time_.now() + backend.waitVmTimeout(config_.wait_vm_timeout));
  if (!ready && !vm.unwanted) {
    pauseBackend(pool.key.vmms, ready.error());
  }
  co_return ready;
}

awaitable<void> BackgroundPools::makeAhead(Pool& pool, VmIterator vm) {
  const Result<void> up = co_await bringUp(pool, *vm);
  if (up) {
    stateOf(pool).backoff.succeeded();
    pool.backoff.succeeded();
  } else if (!vm->unwanted && !draining_) {
    base::logWarning("pool: make a VM of " + pool.key.machine.image +
                     " ahead: " + up.error().message());
    pool.backoff.failed(time_.now());
    // Only what somebody asked for is tried again without a job.
    pool.busy_peak = 0;
  }
  if (!up || vm->unwanted || draining_) {
    removeUnmade(pool, vm);
    co_return;
  }
  settle(pool, *vm);
  vm->idle_since = time_.now();
  vm->state = VmState::kFree;
  roomChanged();
}

// VMs that were idle for too long go, and so do those that are not wanted any more.
void BackgroundPools::shrink(Pool& pool) {
  const Millis sleep_after = backendOf(pool).sleep_after;
  const bool busy = pool.count(VmState::kTaken) + pool.count(VmState::kReserved) > 0;
  pool.asleep = sleep_after > Millis(0) && !busy && pool.used_at + sleep_after <= time_.now();
  const Deadline old = time_.now() - config_.idle_timeout;
  const auto expired = std::count_if(pool.vms.begin(), pool.vms.end(), [old](const PooledVm& vm) {
    return vm.state == VmState::kFree && vm.idle_since <= old;
  });
  pool.busy_peak = shrunkPeak(pool.need(config_.pool_vms_max), static_cast<std::uint64_t>(expired));
  const PoolStep step = planPool(pool.need(config_.pool_vms_max));
  for (std::uint64_t left = step.destroy; left > 0; --left) {
    const auto free = std::find_if(pool.vms.begin(), pool.vms.end(),
                                   [](const PooledVm& vm) { return vm.state == VmState::kFree; });
    if (free == pool.vms.end()) {
      return;  // the rest is still being made: they go when they are free
    }
    discard(pool, free, true);
  }
}

void BackgroundPools::fill(Pool& pool, PoolNeed need) {
  const bool job_waits = std::any_of(pools_.begin(), pools_.end(), [&pool](const Pool& other) {
    return other.waiting && other.key.vmms == pool.key.vmms;
  });
  if (job_waits || pool.backoff.paused(time_.now())) {
    return;
  }
  for (std::uint64_t left = planPool(need).make; left > 0 && mayMake(pool); --left) {
    spawn(makeAhead(pool, place(pool, VmState::kMaking)));
  }
}

// Whatever only time will change rings then.
void BackgroundPools::rearm() {
  if (draining_) {
    return;
  }
  const Deadline now = time_.now();
  for (const auto& [name, backend] : states_) {
    if (backend.backoff.paused(now)) {
      wake_up_.at(backend.backoff.until());
    }
  }
  for (const Pool& pool : pools_) {
    if (pool.backoff.paused(now)) {
      wake_up_.at(pool.backoff.until());
    }
    const Millis sleep_after = backendOf(pool).sleep_after;
    if (sleep_after > Millis(0) && pool.preallocated > 0 && !pool.asleep) {
      wake_up_.at(pool.used_at + sleep_after);
    }
    for (const PooledVm& vm : pool.vms) {
      const Deadline expires = vm.idle_since + config_.idle_timeout;
      if (pool.busy_peak > 0 && vm.state == VmState::kFree && expires > now) {
        wake_up_.at(expires);
      }
    }
  }
}

}  // namespace tango::pool
