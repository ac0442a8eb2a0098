// Makes the container of a VM, up to where autodriver starts in it.
#pragma once

#include <string>

#include "vmms/docker/docker_vmms.hpp"
#include "vmms/docker/machine.hpp"

namespace tango::vmms::docker {

class ContainerMaker {
 public:
  ContainerMaker(boost::asio::any_io_executor executor, const DockerConfig& config)
      : executor_(std::move(executor)), config_(config), provided_(executor_) {}

  /// Makes and starts the container of `machine` on its host, and attaches to it. As soon as there
  /// may be a container, `machine->container` says which, also behind a failure. kNotFound: the
  /// host has no such image; kExists: the name is taken there; kUnsupported, kInvalid: no job can
  /// run in such an image or on such a machine. It ends soon once the machine is gone.
  awaitable<Result<void>> make(MachinePtr machine);

 private:
  [[nodiscard]] Result<std::string> program(const char* name) const;
  awaitable<Result<void>> provide(HostPtr host, std::string image_id);
  awaitable<Result<void>> putAutodriver(HostPtr host, std::string image_id);
  awaitable<Result<void>> create(MachinePtr machine, ProbedImage image);
  awaitable<Result<void>> launch(MachinePtr machine);

  const boost::asio::any_io_executor executor_;
  const DockerConfig config_;
  async::Signal provided_;
};

}  // namespace tango::vmms::docker
