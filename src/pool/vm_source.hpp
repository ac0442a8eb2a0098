// Where a worker gets its VM from and leaves it: a pool, or a VMMS itself.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "model/machine_spec.hpp"
#include "model/vm.hpp"

namespace tango::pool {

struct TakenVm {
  model::Vm vm;
  /// It was made ahead and is ready; otherwise waitVM is still to be called.
  bool existing = false;
};

class VmSource {
 public:
  VmSource() = default;
  VmSource(const VmSource&) = delete;
  VmSource& operator=(const VmSource&) = delete;
  virtual ~VmSource() = default;

  /// A VM for one job of `vmms`. The errors are initializeVM's.
  virtual boost::asio::awaitable<base::Result<TakenVm>> take(std::string vmms,
                                                             model::MachineSpec spec) = 0;
  /// Done with it. `in_order`: its job ended in order, so its VMMS may reset it; else it must be
  /// gone. When the call returns, it is on its way out: a pool does not let the job wait.
  virtual boost::asio::awaitable<void> giveBack(model::Vm vm, bool in_order) = 0;
};

}  // namespace tango::pool
