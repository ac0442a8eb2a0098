// RemoteVmms as it is: the VMs that are known, and the eight methods on them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vmms/remote/ground.hpp"
#include "vmms/remote/installing.hpp"
#include "vmms/remote/leases.hpp"
#include "vmms/remote/looker.hpp"
#include "vmms/remote/machine.hpp"
#include "vmms/remote/reaching.hpp"
#include "vmms/remote/remote_vmms.hpp"
#include "vmms/remote/sessions.hpp"

namespace tango::vmms::remote {

class RemoteMachines final : public RemoteVmms {
 public:
  explicit RemoteMachines(GroundPtr ground);
  ~RemoteMachines() override;

  awaitable<void> stop() override;

  awaitable<Result<Vm>> initializeVM(VmName name, MachineSpec spec) override;
  awaitable<Result<void>> waitVM(Vm vm, Deadline deadline) override;
  awaitable<Result<void>> copyIn(Vm vm, InputFiles files) override;
  awaitable<Result<RunOutcome>> runJob(Vm vm, RunLimits limits) override;
  awaitable<Result<void>> copyOut(Vm vm, OutputTarget target) override;
  awaitable<Result<void>> destroyVM(Vm vm) override;
  awaitable<Result<void>> safeDestroyVM(Vm vm, Deadline deadline) override;
  awaitable<Result<std::vector<Vm>>> getVMs() override;

  Result<std::string> getPartialOutput(const Vm& vm) override;
  Result<void> onOutput(const Vm& vm, std::function<void(std::string_view)> listener) override;

 private:
  awaitable<Result<void>> checkFree(VmName name);
  awaitable<Result<void>> make(MachinePtr machine);
  awaitable<Result<void>> prepare(MachinePtr machine);
  awaitable<Result<void>> tryToPrepare(MachinePtr machine);
  awaitable<Result<void>> awaitReady(MachinePtr machine, Deadline deadline);
  awaitable<Result<void>> sendFiles(MachinePtr machine, InputFiles files);
  awaitable<Result<RunOutcome>> run(MachinePtr machine, RunLimits limits);
  awaitable<Result<void>> fetch(MachinePtr machine, OutputTarget target);
  awaitable<Result<void>> destroyKnown(MachinePtr machine);
  awaitable<Result<void>> destroyUnknown(VmName name);
  void forget(const MachinePtr& machine);

  const GroundPtr ground_;
  const LookerPtr looker_;
  const std::shared_ptr<Reaching> reaching_;
  const std::shared_ptr<Installing> installing_;
  const std::shared_ptr<Sessions> sessions_;
  const std::shared_ptr<Leases> leases_;
  driven::MachineTable<Machine> machines_;
};

}  // namespace tango::vmms::remote
