// How a VM is destroyed, also one of an earlier service; and which VMs there are.
#include <algorithm>

#include <boost/asio/steady_timer.hpp>

#include "async/within.hpp"
#include "vmms/docker/container_spec.hpp"
#include "vmms/docker/containers.hpp"

namespace tango::vmms::docker {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;

namespace {

constexpr Millis kRetryDestruction{500};

}  // namespace

// It no longer exists, and neither does what it took of its host.
void Containers::forget(const MachinePtr& machine) {
  if (!machines_.remove(machine)) {
    return;
  }
  if (machine->host) {
    machine->host->giveBack(shareOf(machine->spec));
  }
  fleet_->room().notifyAll();
}

// What runs on a host that does not answer is given up: nobody listens to it any more. Its
// container is removed when the host is back, before that gets new ones, or ends by its lease.
awaitable<Result<void>> Containers::destroyKnown(MachinePtr machine) {
  machine->gone.set();
  if (machine->session) {
    machine->session->close();
  }
  co_await machine->settled.wait();
  const HostPtr host = machine->host;
  if (host && !host->inTrouble()) {
    const Result<void> removed = co_await host->engine().removeContainer(machine->container);
    if (!removed && removed.error().kind() != ErrorKind::kNotFound) {
      co_await fleet_->suspect(host);
      if (!host->inTrouble()) {
        co_return removed.error().during("on " + host->name());
      }
    }
  }
  forget(machine);
  co_return Result<void>();
}

// Of an earlier service, or never there. A host in trouble cannot be asked: what it has is swept
// when it is back.
awaitable<Result<void>> Containers::destroyUnknown(VmName name) {
  const auto survivor = survivors_.find(name.text());
  const std::vector<HostPtr> hosts =
      survivor != survivors_.end() ? std::vector<HostPtr>{survivor->second} : fleet_->hosts();
  Result<void> worst = Error(ErrorKind::kSystem, fleet_->troubles());
  for (const HostPtr& host : hosts) {
    const Result<std::vector<ContainerEntry>> found =
        co_await host->engine().listContainers(vmFilter(config_.owner, name));
    if (!found) {
      co_await fleet_->suspect(host);
      continue;
    }
    worst = Result<void>();
    for (const ContainerEntry& container : *found) {
      const Result<void> removed = co_await host->engine().removeContainer(container.id);
      if (!removed && removed.error().kind() != ErrorKind::kNotFound) {
        co_return removed.error().during("on " + host->name());
      }
    }
  }
  if (worst) {
    survivors_.erase(name.text());
  }
  co_return worst;
}

awaitable<Result<void>> Containers::destroyVM(Vm vm) {
  const MachinePtr machine = machines_.find(vm.name);
  Result<void> destroyed = co_await (machine ? destroyKnown(machine) : destroyUnknown(vm.name));
  co_return destroyed ? destroyed : destroyed.error().during("destroyVM " + vm.name.text());
}

awaitable<Result<void>> Containers::safeDestroyVM(Vm vm, Deadline deadline) {
  Error last(ErrorKind::kTimeout, "");
  do {
    const Result<void> destroyed =
        co_await async::within(deadline, destroyVM(vm), "the engine does not answer");
    if (destroyed) {
      co_return destroyed;
    }
    last = destroyed.error();
    boost::asio::steady_timer pause(executor_, std::min(deadline, after(kRetryDestruction)));
    co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  } while (base::SteadyClock::now() < deadline);
  co_return Error(ErrorKind::kTimeout, "safeDestroyVM " + vm.name.text() + ": " + last.message());
}

// Every container of ours on the hosts that answer; what is no VM of this service is a survivor.
awaitable<Result<std::vector<std::pair<HostPtr, ContainerEntry>>>> Containers::ownContainers() {
  std::vector<std::pair<HostPtr, ContainerEntry>> all;
  std::optional<Error> trouble;
  bool some = false;
  for (const HostPtr& host : std::vector<HostPtr>(fleet_->hosts())) {
    if (host->inTrouble()) {
      continue;
    }
    const auto found = co_await host->engine().listContainers({ownerFilter(config_.owner)});
    if (!found) {
      trouble = found.error();
      co_await fleet_->suspect(host);
      continue;
    }
    some = true;
    for (const ContainerEntry& container : *found) {
      const Result<VmName> name = vmNameOf(container);
      if (name && !machines_.find(*name)) {
        survivors_.insert_or_assign(name->text(), host);
      }
      all.emplace_back(host, container);
    }
  }
  if (!some) {
    co_return trouble ? *trouble : Error(ErrorKind::kSystem, fleet_->troubles());
  }
  co_return all;
}

awaitable<Result<std::vector<Vm>>> Containers::getVMs() {
  const auto found = co_await ownContainers();
  if (!found) {
    co_return found.error().during("getVMs");
  }
  std::map<std::string, Vm> all;
  for (const auto& [key, machine] : machines_.all()) {
    all.emplace(key, Vm{machine->name});
  }
  for (const auto& [host, container] : *found) {
    const Result<VmName> name = vmNameOf(container);
    if (name) {  // else it looks into an image
      all.emplace(name->text(), Vm{*name});
    }
  }
  std::vector<Vm> vms;
  for (const auto& [key, vm] : all) {
    vms.push_back(vm);
  }
  co_return vms;
}

bool Containers::knows(const ContainerEntry& container) const {
  const Result<VmName> name = vmNameOf(container);
  const MachinePtr machine = name ? machines_.find(*name) : nullptr;
  // As long as it is being made, its id may not be known yet.
  return machine && (!machine->settled.isSet() || machine->container == container.id);
}

void Containers::giveUp(const DockerHost& host) {
  for (const auto& [key, machine] : machines_.all()) {
    if (machine->host.get() == &host && machine->session) {
      machine->session->close();
    }
  }
}

std::vector<MachinePtr> Containers::attached() const {
  std::vector<MachinePtr> all;
  for (const auto& [key, machine] : machines_.all()) {
    if (machine->settled.isSet() && machine->session && !machine->isDestroyed()) {
      all.push_back(machine);
    }
  }
  return all;
}

}  // namespace tango::vmms::docker
