// One step of a VM's life, as the contract in vmms.hpp has it: in its turn, alone, and leaving the
// VM either at the next step or broken.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "model/vm.hpp"
#include "vmms/call.hpp"
#include "vmms/driven/driven_machine.hpp"

namespace tango::vmms::driven {

/// Does `work` with the machine of `vm`, if it is at `from`; it is at `to` when that was ok.
/// `work(machine)` gives an awaitable<Result<T>>; `machines` outlives the call. An error names
/// `method`, and is vmms::destroyedError where the VM is destroyed meanwhile.
template <class T, class Machine, class Work>
boost::asio::awaitable<base::Result<T>> step(const MachineTable<Machine>& machines, model::Vm vm,
                                             Step from, Step to, const char* method, Work work) {
  const auto taken = machines.take(vm, from);
  if (!taken) {
    co_return taken.error();
  }
  const auto machine = *taken;
  Call<Machine> call(machine);
  base::Result<T> done = co_await work(machine);
  if (!done || machine->isDestroyed()) {
    co_return call.failed(done, method);
  }
  call.succeed(to);
  co_return done;
}

}  // namespace tango::vmms::driven
