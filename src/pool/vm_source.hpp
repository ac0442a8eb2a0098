// Where a worker gets its VM from and leaves it: a pool, or a VMMS itself.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "async/event.hpp"
#include "base/result.hpp"
#include "model/machine_spec.hpp"
#include "model/vm.hpp"

namespace tango::pool {

struct TakenVm {
  model::Vm vm;
  /// It was made ahead and is ready; otherwise waitVM is still to be called.
  bool existing = false;
};

/// What interchangeable VMs have in common.
struct PoolKey {
  std::string vmms;
  model::MachineSpec machine;

  friend bool operator==(const PoolKey&, const PoolKey&) = default;
};

/// What a job that asks for a VM went through before.
enum class Try {
  kFirst,
  /// Its last VM failed it. One that was made ahead may have died as unnoticed as that one, so it
  /// gets a new one.
  kAgain,
};

class VmSource {
 public:
  VmSource() = default;
  VmSource(const VmSource&) = delete;
  VmSource& operator=(const VmSource&) = delete;
  virtual ~VmSource() = default;

  /// A VM for one job. It waits while there is no room; kCancelled once `give_up` is set. The other
  /// errors are initializeVM's.
  virtual boost::asio::awaitable<base::Result<TakenVm>> take(
      PoolKey key, Try which, std::shared_ptr<async::Event> give_up) = 0;
  /// Done with it. `in_order`: its job ended in order, so its VMMS may reset it; else it must be
  /// gone. When the call returns, it is on its way out: a pool does not let the job wait.
  virtual boost::asio::awaitable<base::Result<void>> giveBack(model::Vm vm, bool in_order) = 0;
};

}  // namespace tango::pool
