#include "vmms/docker/containers.hpp"

#include "vmms/call.hpp"
#include "vmms/docker/container_spec.hpp"
#include "vmms/driven/driven_files.hpp"
#include "vmms/driven/machine_step.hpp"

namespace tango::vmms::docker {

using base::after;
using base::Error;
using base::ErrorKind;

Containers::Containers(const boost::asio::any_io_executor& executor,
                       boost::asio::thread_pool& blocking, DockerConfig config)
    : executor_(executor),
      config_(std::move(config)),
      fleet_(std::make_shared<Fleet>(executor, config_)),
      maker_(executor, config_),
      images_(executor, blocking, [this] { return answering(); }) {}

Containers::~Containers() {
  fleet_->stop();
  for (const auto& [key, machine] : machines_.all()) {
    if (machine->session) {
      machine->session->close();
    }
  }
}

awaitable<Result<void>> Containers::start() {
  Result<void> started = co_await fleet_->start(
      {[this](const ContainerEntry& container) { return knows(container); },
       [this](const DockerHost& host) { giveUp(host); }, [this] { return attached(); }});
  const auto found = co_await ownContainers();
  if (found) {
    // What is no VM was to look into an image, for a service that was killed meanwhile.
    for (const auto& [host, container] : *found) {
      if (!vmNameOf(container)) {
        static_cast<void>(co_await host->engine().removeContainer(container.id));
      }
    }
  }
  co_return started;
}

awaitable<void> Containers::stop() {
  fleet_->stop();
  co_await fleet_->ended();
  for (const HostPtr& host : fleet_->hosts()) {
    if (!host->inTrouble()) {
      // Where a container is left, it stays for the service that takes that over.
      static_cast<void>(co_await host->engine().removeVolume(autodriverVolume(config_.owner)));
    }
  }
}

Capacity Containers::capacity() const {
  std::optional<Capacity> all;
  for (const HostPtr& host : fleet_->hosts()) {
    const Capacity each = host->room().capacity;
    all = all ? sumOfBounds(*all, each) : each;
  }
  return all.value_or(Capacity{});
}

awaitable<Result<void>> Containers::waitVM(Vm vm, Deadline deadline) {
  return driven::step<void>(
      machines_, std::move(vm), Step::kWait, Step::kCopyIn, "waitVM",
      [deadline](const MachinePtr& machine) { return machine->session->ready(deadline); });
}

awaitable<Result<void>> Containers::sendFiles(MachinePtr machine, InputFiles files) {
  Result<std::vector<driven::DrivenFile>> opened =
      driven::openFiles(files, machine->spec.disk_bytes);
  if (!opened) {
    co_return opened.error();
  }
  Result<void> sent =
      co_await machine->session->sendFiles(*std::move(opened), after(driven::kCopyMax));
  co_return sent;
}

awaitable<Result<void>> Containers::copyIn(Vm vm, InputFiles files) {
  return driven::step<void>(machines_, std::move(vm), Step::kCopyIn, Step::kRun, "copyIn",
                            [this, files = std::move(files)](const MachinePtr& machine) mutable {
                              return sendFiles(machine, std::move(files));
                            });
}

// A container is made for the usual number; another one costs a call.
awaitable<Result<void>> Containers::setProcesses(MachinePtr machine, std::uint64_t processes) {
  if (processes == machine->processes) {
    co_return Result<void>();
  }
  Result<void> set =
      co_await machine->host->engine().limitProcesses(machine->container, processesMax(processes));
  // That there is no such container is no wrong name of the caller's.
  co_return set ? set : Error(ErrorKind::kSystem, set.error().message());
}

awaitable<Result<RunOutcome>> Containers::run(MachinePtr machine, RunLimits limits) {
  const Result<void> set = co_await setProcesses(machine, limits.processes);
  if (!set || machine->isDestroyed()) {
    co_return set ? destroyedError() : set.error();
  }
  machine->limits = limits;
  machine->live.emplace(limits.output_bytes);
  Result<RunOutcome> outcome = co_await machine->session->run(
      limits,
      [machine](std::uint64_t offset, std::string_view bytes) { machine->show(offset, bytes); },
      after(limits.wall_time + driven::kRunGrace));
  machine->live.reset();
  co_return outcome;
}

awaitable<Result<RunOutcome>> Containers::runJob(Vm vm, RunLimits limits) {
  return driven::step<RunOutcome>(
      machines_, std::move(vm), Step::kRun, Step::kCopyOut, "runJob",
      [this, limits](const MachinePtr& machine) { return run(machine, limits); });
}

awaitable<Result<void>> Containers::copyOut(Vm vm, OutputTarget target) {
  return driven::step<void>(machines_, std::move(vm), Step::kCopyOut, Step::kNothing, "copyOut",
                            [target](const MachinePtr& machine) {
                              return machine->session->output(
                                  target.fd, machine->limits.output_bytes + driven::kTextAround,
                                  after(driven::kCopyMax));
                            });
}

Result<std::string> Containers::getPartialOutput(const Vm& vm) {
  return machines_.partialOutput(vm);
}

Result<void> Containers::onOutput(const Vm& vm, std::function<void(std::string_view)> listener) {
  return machines_.listen(vm, std::move(listener));
}

std::vector<ImageHost> Containers::answering() const {
  std::vector<ImageHost> all;
  for (const HostPtr& host : fleet_->hosts()) {
    if (!host->inTrouble()) {
      all.push_back({host->name(), &host->engine()});
    }
  }
  return all;
}

awaitable<Result<std::vector<std::string>>> Containers::getImages() {
  return images_.getImages();
}

awaitable<Result<void>> Containers::findImage(std::string image) {
  return images_.findImage(std::move(image));
}

awaitable<Result<void>> Containers::buildImage(std::string name, std::string path) {
  return images_.buildImage(std::move(name), std::move(path));
}

std::vector<HostView> Containers::hosts() const {
  std::vector<HostView> views;
  for (const HostPtr& host : fleet_->hosts()) {
    views.push_back(host->view());
  }
  return views;
}

Result<void> Containers::drainHost(const std::string& name, bool drained) {
  return fleet_->drain(name, drained);
}

awaitable<Result<std::vector<std::pair<std::string, std::vector<std::string>>>>>
Containers::imagesByHost() {
  return images_.imagesByHost();
}

void Containers::onHostsChanged(std::function<void()> changed) {
  fleet_->onChanged(std::move(changed));
}

}  // namespace tango::vmms::docker

namespace tango::vmms {

std::unique_ptr<DockerVmms> DockerVmms::make(boost::asio::any_io_executor executor,
                                             boost::asio::thread_pool& blocking,
                                             DockerConfig config) {
  return std::make_unique<docker::Containers>(executor, blocking, std::move(config));
}

}  // namespace tango::vmms
