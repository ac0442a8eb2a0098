#include "pool/direct_source.hpp"

namespace tango::pool {

using base::Result;
using boost::asio::awaitable;

awaitable<Result<TakenVm>> DirectSource::take(PoolKey key, Try /*which*/,
                                              std::shared_ptr<async::Event> /*give_up*/) {
  const model::VmName name{prefix_, next_id_++, key.machine.image};
  Result<model::Vm> made = co_await vmms_.initializeVM(name, key.machine);
  if (!made) {
    co_return made.error();
  }
  co_return TakenVm{*std::move(made), false};
}

awaitable<Result<void>> DirectSource::giveBack(model::Vm vm, bool in_order) {
  Result<void> destroyed;
  if (in_order) {
    destroyed = co_await vmms_.destroyVM(std::move(vm));
  } else {
    destroyed = co_await vmms_.safeDestroyVM(std::move(vm), base::after(destroy_timeout_));
  }
  co_return destroyed;
}

}  // namespace tango::pool
