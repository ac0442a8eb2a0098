// Who gets the next VM, or the room for one.
#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "pool/background_pools.hpp"

namespace tango::pool {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using boost::asio::awaitable;

bool BackgroundPools::mayMake(Pool& pool) {
  const BackendState& backend = stateOf(pool);
  if (draining_ || backend.reaping || backend.backoff.paused(time_.now()) || isFull(pool)) {
    return false;
  }
  // After a failure one VM is the probe for all.
  if (backend.backoff.failing() && backend.unsettled > 0) {
    return false;
  }
  const vmms::Capacity share = shareOf(pool.key.machine);
  const std::optional<vmms::Capacity> available = availableOf(backendOf(pool));
  return available && fits(*available, backend.used, share) && fitsSomeHost(backendOf(pool), share);
}

bool BackgroundPools::mustYield(const Pool& pool) const {
  return !pool.isOverdue() && std::any_of(pools_.begin(), pools_.end(), [&pool](const Pool& other) {
    return &other != &pool && other.key.vmms == pool.key.vmms && other.isOverdue();
  });
}

// A reservation where there is one to be had now.
bool BackgroundPools::claim(Pool& pool, Try which) {
  // The newest, so that what is too much grows old and goes.
  const auto free = std::find_if(pool.vms.rbegin(), pool.vms.rend(),
                                 [](const PooledVm& vm) { return vm.state == VmState::kFree; });
  if (free != pool.vms.rend() && (which == Try::kFirst || isFull(pool))) {
    free->state = VmState::kReserved;
  } else if (mayMake(pool)) {
    place(pool, VmState::kReserved);
  } else {
    return false;
  }
  pool.used_at = time_.now();
  if (config_.idle_timeout > Millis(0) && !pool.key.machine.account.isSet()) {
    pool.busy_peak = std::max(pool.busy_peak, pool.need(0).busy);
  }
  return true;
}

bool BackgroundPools::ask(Pool& pool, Try which) {
  if (!mustYield(pool) && claim(pool, which)) {
    pool.waiting = false;
    pool.passes = 0;
    for (Pool& other : pools_) {
      if (other.waiting && other.key.vmms == pool.key.vmms) {
        ++other.passes;
      }
    }
    return true;
  }
  if (!isFull(pool)) {
    pool.waiting = true;
    if (!mustYield(pool)) {
      makeWay(pool, which);
    }
  }
  return false;
}

bool BackgroundPools::reserve(const PoolKey& key) {
  return !draining_ && registry_.find(key.vmms) != nullptr && ask(poolOf(key), Try::kFirst);
}

void BackgroundPools::unreserve(const PoolKey& key) {
  Pool& pool = poolOf(key);
  if (pool.count(VmState::kReserved) <= pool.granted) {
    return;
  }
  const auto reserved = std::find_if(pool.vms.begin(), pool.vms.end(), [](const PooledVm& vm) {
    return vm.state == VmState::kReserved;
  });
  if (reserved->exists) {
    reserved->state = VmState::kFree;
    reserved->idle_since = time_.now();
  } else {
    displace(pool, reserved);
  }
  roomChanged();
}

// Where there is room enough in all and on no host in one piece, idle VMs go one after the other
// until there is.
std::vector<std::size_t> BackgroundPools::mustGo(Pool& pool, const std::vector<IdleVm>& idle) {
  const std::optional<vmms::Capacity> available = availableOf(backendOf(pool));
  if (!available) {
    return {};
  }
  const BackendState& backend = stateOf(pool);
  const vmms::Capacity share = shareOf(pool.key.machine);
  std::vector<std::size_t> going = givingWay(*available, backend.used, backend.leaving, share, idle)
                                       .value_or(std::vector<std::size_t>{});
  const bool in_all = fits(*available, backend.used, share);
  if (in_all && backend.leaving.vms == 0 && !idle.empty() &&
      !fitsSomeHost(backendOf(pool), share)) {
    going = {goingOrder(idle).front()};
  }
  return going;
}

// Idle VMs go, where that lets `pool` make one: those of other pools, and a second try's own.
void BackgroundPools::makeWay(Pool& pool, Try which) {
  BackendState& backend = stateOf(pool);
  if (draining_ || backend.reaping || backend.backoff.paused(time_.now())) {
    return;
  }
  std::vector<IdleVm> idle;
  std::vector<std::pair<Pool*, VmIterator>> where;
  for (Pool& other : pools_) {
    if ((&other == &pool && which == Try::kFirst) || other.key.vmms != pool.key.vmms) {
      continue;
    }
    const std::uint64_t all = other.need(0).idle;
    std::uint64_t spare = all - std::min(all, other.preallocated);
    for (auto vm = other.vms.begin(); vm != other.vms.end(); ++vm) {
      if (vm->state == VmState::kFree ||
          (vm->state == VmState::kMaking && vm->exists && !vm->unwanted)) {
        idle.push_back({shareOf(other.key.machine), vm->idle_since, spare > 0});
        spare -= spare > 0 ? 1 : 0;
        where.emplace_back(&other, vm);
      }
    }
  }
  for (const std::size_t each : mustGo(pool, idle)) {
    const auto [other, vm] = where[each];
    if (vm->state == VmState::kFree) {
      discard(*other, vm, true);
    } else {
      rejectMaking(*other, *vm);
    }
  }
}

void BackgroundPools::serveTakers() {
  for (Pool& pool : pools_) {
    while (!pool.takers.empty() && ask(pool, pool.takers.front()->which)) {
      Taker* const taker = pool.takers.front();
      pool.takers.pop_front();
      taker->granted = true;
      ++pool.granted;
      taker->wake.set();
    }
  }
}

// Ok: a reservation of the pool is the caller's.
awaitable<Result<void>> BackgroundPools::waitTurn(PoolKey key, Try which,
                                                  std::shared_ptr<async::Event> give_up) {
  using namespace boost::asio::experimental::awaitable_operators;
  {
    const Pool& pool = poolOf(key);
    if (which == Try::kFirst && pool.count(VmState::kReserved) > pool.granted) {
      co_return Result<void>();  // its scheduler reserved it
    }
  }
  Taker self{which, false, async::Event(executor_)};
  if (!draining_ && !give_up->isSet()) {
    poolOf(key).takers.push_back(&self);
    serveTakers();
    co_await (self.wake.wait() || give_up->wait());
  }
  Pool& pool = poolOf(key);
  if (self.granted) {
    --pool.granted;
  }
  if (self.granted && !give_up->isSet() && !draining_) {
    co_return Result<void>();
  }
  if (self.granted) {
    unreserve(key);
  }
  pool.takers.remove(&self);
  co_return Error(ErrorKind::kCancelled, "no VM is wanted any more");
}

awaitable<Result<TakenVm>> BackgroundPools::take(PoolKey key, Try which,
                                                 std::shared_ptr<async::Event> give_up) {
  if (registry_.find(key.vmms) == nullptr) {
    co_return Error(ErrorKind::kInvalid, "there is no VMMS '" + key.vmms + "'");
  }
  const Result<void> turn = co_await waitTurn(key, which, give_up);
  if (!turn) {
    co_return turn.error();
  }
  Pool& pool = poolOf(key);
  auto vm = pool.vms.end();
  for (auto each = pool.vms.begin(); each != pool.vms.end(); ++each) {
    const bool better = vm == pool.vms.end() || (each->exists == (which == Try::kFirst));
    if (each->state == VmState::kReserved && better) {
      vm = each;
    }
  }
  vm->state = VmState::kTaken;
  roomChanged();  // it is to be replaced
  if (vm->exists) {
    taken_.insert_or_assign(vm->vm.name.id, std::pair(&pool, vm));
    co_return TakenVm{vm->vm, true};
  }
  const bool named = co_await nameForJob(pool, *vm, give_up);
  if (!named) {
    displace(pool, vm);
    co_return Error(ErrorKind::kCancelled, "no VM is wanted any more");
  }
  const Result<void> made = co_await initialize(pool, *vm);
  if (!made) {
    removeUnmade(pool, vm);
    co_return made.error();
  }
  settle(pool, *vm);
  stateOf(pool).backoff.succeeded();
  roomChanged();
  taken_.insert_or_assign(vm->vm.name.id, std::pair(&pool, vm));
  co_return TakenVm{vm->vm, false};
}

void BackgroundPools::roomChanged() {
  if (!telling_) {
    telling_ = true;
    spawn(tellRoom());
  }
}

// Jobs come first, those that had a VM already before the queued ones; then what was preallocated,
// and with what is left VMs are made ahead.
awaitable<void> BackgroundPools::tellRoom() {
  telling_ = false;
  for (Pool& pool : pools_) {
    pool.waiting = false;
  }
  serveTakers();
  if (listener_ && !draining_) {
    listener_();
  }
  for (Pool& pool : pools_) {
    pool.passes = pool.waiting ? pool.passes : 0;
    shrink(pool);
    PoolNeed preallocated = pool.need(config_.pool_vms_max);
    preallocated.busy_peak = 0;
    fill(pool, preallocated);
  }
  for (Pool& pool : pools_) {
    fill(pool, pool.need(config_.pool_vms_max));
  }
  std::erase_if(pools_, [](const Pool& pool) {
    return pool.vms.empty() && pool.preallocated == 0 && pool.takers.empty() && !pool.waiting;
  });
  rearm();
  co_return;
}

}  // namespace tango::pool
