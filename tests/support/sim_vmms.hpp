// A scripted Vmms in memory, for tests of what uses one. By itself every call is ok at once; a test
// says which calls take time or fail, and looks at what was called. It keeps the contract of
// vmms.hpp and is proven by the same suite as the real backends.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "support/manual_clock.hpp"
#include "support/sim_script.hpp"
#include "vmms/vmms.hpp"

namespace tango::test {

/// The VMs: they outlive a SimVmms, as a real backend's may.
struct SimMachine;
using SimMachines = std::map<std::string, std::shared_ptr<SimMachine>>;

class SimVmms final : public vmms::Vmms {
 public:
  /// Without a clock, delays are real time. With the machines of an earlier SimVmms it is what a
  /// restarted service has: they are listed and can be destroyed, and that is all.
  explicit SimVmms(boost::asio::any_io_executor executor,
                   std::shared_ptr<ManualClock> clock = nullptr,
                   std::shared_ptr<SimMachines> machines = std::make_shared<SimMachines>());
  ~SimVmms() override;

  /// How its calls go, and what was called.
  [[nodiscard]] SimScript& script() { return script_; }

  /// VMs that exist.
  [[nodiscard]] std::size_t machines() const { return machines_->size(); }
  /// Each with what it was made as.
  [[nodiscard]] std::vector<std::pair<model::VmName, model::MachineSpec>> all() const;
  /// A VM ends by itself, as when its host fails: calls under way and later ones are kNotFound.
  void lose(const model::VmName& name);

  vmms::awaitable<base::Result<model::Vm>> initializeVM(model::VmName name,
                                                        model::MachineSpec spec) override;
  vmms::awaitable<base::Result<void>> waitVM(model::Vm vm, base::Deadline deadline) override;
  vmms::awaitable<base::Result<void>> copyIn(model::Vm vm, model::InputFiles files) override;
  vmms::awaitable<base::Result<model::RunOutcome>> runJob(model::Vm vm,
                                                          model::RunLimits limits) override;
  vmms::awaitable<base::Result<void>> copyOut(model::Vm vm, vmms::OutputTarget target) override;
  vmms::awaitable<base::Result<void>> destroyVM(model::Vm vm) override;
  vmms::awaitable<base::Result<void>> safeDestroyVM(model::Vm vm, base::Deadline deadline) override;
  vmms::awaitable<base::Result<std::vector<model::Vm>>> getVMs() override;

 private:
  using MachinePtr = std::shared_ptr<SimMachine>;

  [[nodiscard]] SimCall callOf(SimMethod method, const model::VmName& vm) const;
  base::Result<MachinePtr> take(const model::VmName& name, int expected);
  vmms::awaitable<base::Result<void>> step(MachinePtr machine, SimAnswer answer, int next);
  vmms::awaitable<base::Result<void>> destroy(SimMethod method, model::Vm vm,
                                              std::optional<base::Deadline> deadline);
  vmms::awaitable<void> pass(base::Millis delay, MachinePtr machine);
  void remove(const MachinePtr& machine, base::ErrorKind calls_end_with);
  [[nodiscard]] base::Deadline now() const;

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<ManualClock> clock_;
  const std::shared_ptr<SimMachines> machines_;
  SimScript script_;
};

}  // namespace tango::test
