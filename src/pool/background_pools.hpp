// Pools' one implementation: pools.cpp has its face, turns.cpp who gets the next VM, vm_life.cpp
// what becomes of each.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/task_group.hpp"
#include "pool/pool.hpp"
#include "pool/pools.hpp"
#include "pool/vm_endings.hpp"
#include "pool/wake_up.hpp"

namespace tango::pool {

class BackgroundPools final : public Pools {
 public:
  BackgroundPools(boost::asio::any_io_executor executor, const vmms::Registry& registry,
                  PoolsConfig config, NextVmId next_vm_id, async::TimeSource time);

  boost::asio::awaitable<base::Result<TakenVm>> take(
      PoolKey key, Try which, std::shared_ptr<async::Event> give_up) override;
  boost::asio::awaitable<base::Result<void>> giveBack(model::Vm vm, bool in_order) override;
  boost::asio::awaitable<void> reap() override;
  base::Result<void> preallocate(PoolKey key, std::uint64_t vms) override;
  void renewImage(const std::string& vmms, const std::string& image) override;
  void capacityChanged() override { roomChanged(); }
  [[nodiscard]] bool reserve(const PoolKey& key) override;
  void unreserve(const PoolKey& key) override;
  [[nodiscard]] base::Result<void> checkFits(const PoolKey& key) const override;
  void onRoom(std::function<void()> listener) override { listener_ = std::move(listener); }
  [[nodiscard]] std::vector<PoolView> view() const override;
  [[nodiscard]] std::vector<BackendView> backends() const override;
  boost::asio::awaitable<void> drain(base::Deadline deadline) override;

 private:
  using VmIterator = std::list<PooledVm>::iterator;

  [[nodiscard]] Backoff newBackoff() const { return {config_.backoff_min, config_.backoff_max}; }
  [[nodiscard]] const vmms::Backend& backendOf(const Pool& pool) const {
    return *registry_.find(pool.key.vmms);
  }
  BackendState& stateOf(const Pool& pool) { return states_.at(pool.key.vmms); }
  Pool& poolOf(const PoolKey& key);
  void spawn(boost::asio::awaitable<void> task);

  // Who gets what.
  [[nodiscard]] bool isFull(const Pool& pool) const {
    return config_.pool_vms_max > 0 && pool.vms.size() >= config_.pool_vms_max;
  }
  [[nodiscard]] bool mayMake(Pool& pool);
  [[nodiscard]] bool mustYield(const Pool& pool) const;
  [[nodiscard]] bool ask(Pool& pool, Try which);
  [[nodiscard]] bool claim(Pool& pool, Try which);
  [[nodiscard]] std::vector<std::size_t> mustGo(Pool& pool, const std::vector<IdleVm>& idle);
  void makeWay(Pool& pool, Try which);
  void serveTakers();
  boost::asio::awaitable<base::Result<void>> waitTurn(PoolKey key, Try which,
                                                      std::shared_ptr<async::Event> give_up);
  void roomChanged();
  boost::asio::awaitable<void> tellRoom();

  // A VM's life in its pool.
  VmIterator place(Pool& pool, VmState state);
  void settle(Pool& pool, PooledVm& vm);
  void displace(Pool& pool, VmIterator vm);
  void discard(Pool& pool, VmIterator vm, bool in_order);
  void rejectMaking(Pool& pool, PooledVm& vm);
  void removeUnmade(Pool& pool, VmIterator vm);
  boost::asio::awaitable<base::Result<void>> nameVm(const Pool& pool, PooledVm& vm);
  boost::asio::awaitable<base::Result<void>> initialize(Pool& pool, PooledVm& vm);
  boost::asio::awaitable<bool> nameForJob(Pool& pool, PooledVm& vm,
                                          std::shared_ptr<async::Event> give_up);
  boost::asio::awaitable<void> makeAhead(Pool& pool, VmIterator vm);
  boost::asio::awaitable<base::Result<void>> bringUp(Pool& pool, PooledVm& vm);
  boost::asio::awaitable<void> destroy(std::string vmms, model::Vm vm, vmms::Capacity share,
                                       bool in_order);
  boost::asio::awaitable<void> destroyNow(std::string vmms, model::Vm vm);
  void pauseBackend(const std::string& vmms, const base::Error& error);

  // Behind the jobs.
  void shrink(Pool& pool);
  void fill(Pool& pool, PoolNeed need);
  void rearm();
  boost::asio::awaitable<void> reapBackend(std::string vmms);
  boost::asio::awaitable<void> reapVm(std::string vmms, model::Vm vm);
  void leftoverTried(const std::string& vmms);

  const boost::asio::any_io_executor executor_;
  const vmms::Registry& registry_;
  const PoolsConfig config_;
  const NextVmId next_vm_id_;
  const async::TimeSource time_;
  std::map<std::string, BackendState> states_;
  std::list<Pool> pools_;  ///< a Pool's address does not change
  std::unordered_map<std::int64_t, std::pair<Pool*, VmIterator>> taken_;  ///< by the VM's id
  std::function<void()> listener_;
  bool draining_ = false;
  bool telling_ = false;  ///< tellRoom is on its way
  async::TaskGroup tasks_;
  VmEndings endings_;
  WakeUp wake_up_;
};

}  // namespace tango::pool
