// What a service knows of a VM in which an autodriver stands by, whatever made the VM; and all such
// VMs of a VMMS, by their names.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/event.hpp"
#include "base/result.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"
#include "model/vm.hpp"
#include "vmms/driven/live_view.hpp"

namespace tango::vmms::driven {

/// What is to be called next.
enum class Step { kWait, kCopyIn, kRun, kCopyOut, kNothing, kBroken };

struct DrivenMachine {
  DrivenMachine(const boost::asio::any_io_executor& executor, model::VmName vm_name,
                model::MachineSpec wanted)
      : name(std::move(vm_name)), spec(std::move(wanted)), gone(executor), settled(executor) {}

  [[nodiscard]] bool isDestroyed() const { return gone.isSet(); }

  /// More of the running job's output, as DriveSession::Listener gets it.
  void show(std::uint64_t offset, std::string_view bytes) {
    live->append(offset, bytes);
    if (listener) {
      listener(bytes);
    }
  }

  model::VmName name;
  model::MachineSpec spec;

  Step step = Step::kWait;
  bool busy = false;     ///< a call is under way
  async::Event gone;     ///< its destruction has begun
  async::Event settled;  ///< initializeVM has ended: the VM is there, or will not come

  model::RunLimits limits;
  std::optional<LiveView> live;  ///< while a job runs
  std::function<void(std::string_view)> listener;
};

inline base::Error noSuchVm(const model::Vm& vm) {
  return {base::ErrorKind::kNotFound, "there is no VM " + vm.name.text()};
}

/// A Machine is a DrivenMachine.
template <class Machine>
class MachineTable {
 public:
  using MachinePtr = std::shared_ptr<Machine>;

  [[nodiscard]] const std::map<std::string, MachinePtr>& all() const { return machines_; }
  void add(const MachinePtr& machine) { machines_.emplace(machine->name.text(), machine); }
  /// Whether it was there.
  bool remove(const MachinePtr& machine) {
    const auto found = machines_.find(machine->name.text());
    const bool there = found != machines_.end() && found->second == machine;
    if (there) {
      machines_.erase(found);
    }
    return there;
  }
  /// Null: there is none, or none any more.
  [[nodiscard]] MachinePtr find(const model::VmName& name) const {
    const auto found = machines_.find(name.text());
    return found == machines_.end() ? nullptr : found->second;
  }

  /// The machine of `vm`, if it is where `expected` says and no other call is under way: see
  /// vmms.hpp about the order of calls.
  [[nodiscard]] base::Result<MachinePtr> take(const model::Vm& vm, Step expected) const {
    MachinePtr machine = find(vm.name);
    if (!machine || machine->isDestroyed()) {
      return noSuchVm(vm);
    }
    if (machine->busy || machine->step != expected) {
      return base::Error(base::ErrorKind::kInvalid,
                         "VM " + vm.name.text() + ": called out of order");
    }
    return machine;
  }

  // As LiveOutput has them.
  [[nodiscard]] base::Result<std::string> partialOutput(const model::Vm& vm) const {
    const MachinePtr machine = find(vm.name);
    if (!machine || !machine->live || machine->isDestroyed()) {
      return base::Error(base::ErrorKind::kNotFound, "no job runs on VM " + vm.name.text());
    }
    return machine->live->text();
  }
  base::Result<void> listen(const model::Vm& vm, std::function<void(std::string_view)> listener) {
    const MachinePtr machine = find(vm.name);
    if (!machine) {
      return noSuchVm(vm);
    }
    machine->listener = std::move(listener);
    return {};
  }

 private:
  std::map<std::string, MachinePtr> machines_;
};

}  // namespace tango::vmms::driven
