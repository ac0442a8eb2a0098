// DockerVmms as it is: the VMs that are known, and the eight methods on them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vmms/docker/container_maker.hpp"
#include "vmms/docker/docker_vmms.hpp"
#include "vmms/docker/fleet.hpp"
#include "vmms/docker/host_images.hpp"
#include "vmms/docker/machine.hpp"

namespace tango::vmms::docker {

class Containers final : public DockerVmms {
 public:
  Containers(const boost::asio::any_io_executor& executor, boost::asio::thread_pool& blocking,
             DockerConfig config);
  ~Containers() override;

  awaitable<Result<void>> start() override;
  awaitable<void> stop() override;
  [[nodiscard]] Capacity capacity() const override;

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

  awaitable<Result<std::vector<std::string>>> getImages() override;
  awaitable<Result<void>> findImage(std::string image) override;
  awaitable<Result<void>> buildImage(std::string name, std::string path) override;

  [[nodiscard]] std::vector<HostView> hosts() const override;
  Result<void> drainHost(const std::string& name, bool drained) override;
  awaitable<Result<std::vector<std::pair<std::string, std::vector<std::string>>>>> imagesByHost()
      override;
  void onHostsChanged(std::function<void()> changed) override;

 private:
  awaitable<Result<void>> make(MachinePtr machine);
  awaitable<Result<HostPtr>> awaitPlace(MachinePtr machine, std::set<HostPtr> tried);
  awaitable<void> leave(MachinePtr machine);
  awaitable<Result<void>> sendFiles(MachinePtr machine, InputFiles files);
  awaitable<Result<RunOutcome>> run(MachinePtr machine, RunLimits limits);
  awaitable<Result<void>> setProcesses(MachinePtr machine, std::uint64_t processes);
  void forget(const MachinePtr& machine);
  awaitable<Result<void>> destroyKnown(MachinePtr machine);
  awaitable<Result<void>> destroyUnknown(VmName name);
  awaitable<Result<std::vector<std::pair<HostPtr, ContainerEntry>>>> ownContainers();
  [[nodiscard]] bool knows(const ContainerEntry& container) const;
  void giveUp(const DockerHost& host);
  [[nodiscard]] std::vector<MachinePtr> attached() const;
  [[nodiscard]] std::vector<ImageHost> answering() const;

  const boost::asio::any_io_executor executor_;
  const DockerConfig config_;
  const std::shared_ptr<Fleet> fleet_;
  ContainerMaker maker_;
  HostImages images_;
  driven::MachineTable<Machine> machines_;
  std::map<std::string, HostPtr> survivors_;  ///< VMs of an earlier service, and where they are
};

}  // namespace tango::vmms::docker
