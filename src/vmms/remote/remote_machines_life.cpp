// How a VM comes into the world and leaves it, also one of an earlier service; and which VMs there
// are.
#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "async/within.hpp"
#include "vmms/call.hpp"
#include "vmms/remote/remote_machines.hpp"

namespace tango::vmms::remote {

using base::Error;
using base::ErrorKind;
using base::SteadyClock;

// What the cloud lists may be of an earlier service; what it listed before may be gone by now.
awaitable<Result<void>> RemoteMachines::checkFree(VmName name) {
  const Error taken(ErrorKind::kExists, "there is a VM " + name.text() + " already");
  if (machines_.find(name)) {
    co_return taken;
  }
  if (!looker_->hasLooked() || looker_->lists(name)) {
    const Result<void> looked = co_await looker_->look();
    if (!looked) {
      co_return looked.error().during("initializeVM " + name.text());
    }
  }
  co_return machines_.find(name) || looker_->lists(name) ? taken : Result<void>();
}

awaitable<Result<Vm>> RemoteMachines::initializeVM(VmName name, MachineSpec spec) {
  const Result<void> free = co_await checkFree(name);
  if (!free) {
    co_return free.error();
  }
  const auto machine = std::make_shared<Machine>(ground_->executor, name, std::move(spec));
  machine->busy = true;
  machines_.add(machine);
  const Result<void> made = co_await make(machine);
  machine->busy = false;
  machine->settled.set();
  if (made && !machine->isDestroyed()) {
    co_return Vm{std::move(name)};
  }
  if (machine->id.empty()) {
    forget(machine);
  }
  const Error error = machine->isDestroyed() ? destroyedError() : made.error();
  co_return error.during("initializeVM " + name.text());
}

// Where the cloud did not say that it made none, one may turn up.
awaitable<Result<void>> RemoteMachines::make(MachinePtr machine) {
  looker_->expect(machine->name);
  const std::shared_ptr<async::Event> give_up(machine, &machine->gone);
  const Result<std::string> id =
      co_await ground_->cloud->create(machine->name, machine->spec, give_up);
  if (id) {
    machine->id = *id;
    looker_->watch(machine);
    co_return Result<void>();
  }
  const bool may_exist =
      id.error().kind() == ErrorKind::kSystem || id.error().kind() == ErrorKind::kTimeout;
  if (may_exist) {
    looker_->depart(machine->name, "");
  }
  co_return id.error();
}

// Nobody speaks with it any more, and it is destroyed again if it turns up.
void RemoteMachines::forget(const MachinePtr& machine) {
  if (!machines_.remove(machine)) {
    return;
  }
  if (!machine->id.empty()) {
    looker_->depart(machine->name, machine->id);
  }
  machine->connection.reset();
  if (!machine->known_hosts.empty()) {
    std::error_code ignored;
    std::filesystem::remove(machine->known_hosts, ignored);
  }
}

awaitable<Result<void>> RemoteMachines::destroyKnown(MachinePtr machine) {
  machine->gone.set();
  machine->ended.set();
  if (machine->session) {
    machine->session->close();
  }
  co_await machine->settled.wait();
  if (!machine->id.empty()) {
    const Result<void> destroyed = co_await ground_->cloud->destroy(machine->id);
    if (!destroyed) {
      co_return destroyed;
    }
  }
  forget(machine);
  co_return Result<void>();
}

// Of an earlier service, or never there.
awaitable<Result<void>> RemoteMachines::destroyUnknown(VmName name) {
  const Result<void> looked = co_await looker_->look();
  if (!looked) {
    co_return looked;
  }
  for (const Instance& instance : looker_->alive()) {
    if (instance.name.text() == name.text()) {
      const Result<void> destroyed = co_await ground_->cloud->destroy(instance.id);
      if (!destroyed) {
        co_return destroyed;
      }
      looker_->depart(name, instance.id);
    }
  }
  co_return Result<void>();
}

awaitable<Result<void>> RemoteMachines::destroyVM(Vm vm) {
  const MachinePtr machine = machines_.find(vm.name);
  const Result<void> destroyed =
      co_await (machine ? destroyKnown(machine) : destroyUnknown(vm.name));
  co_return destroyed ? destroyed : destroyed.error().during("destroyVM " + vm.name.text());
}

awaitable<Result<void>> RemoteMachines::safeDestroyVM(Vm vm, Deadline deadline) {
  Error last(ErrorKind::kTimeout, "the cloud has not ended it yet");
  const MachinePtr meant = machines_.find(vm.name);
  do {
    const MachinePtr now = machines_.find(vm.name);
    if (now && now != meant) {
      co_return Result<void>();  // gone: the name was given anew
    }
    const Result<void> destroyed =
        co_await async::within(deadline, destroyVM(vm), "the cloud does not answer");
    Result<void> looked = destroyed;
    if (destroyed) {
      looked = co_await async::within(deadline, looker_->look(), "the cloud does not answer");
    }
    if (looked && !looker_->lists(vm.name)) {
      co_return looked;
    }
    if (!looked) {
      last = looked.error();
    }
    const auto left = std::chrono::duration_cast<base::Millis>(deadline - SteadyClock::now());
    co_await ground_->pause(std::clamp(left, base::Millis(0), ground_->config.look_often));
  } while (SteadyClock::now() < deadline);
  co_return Error(ErrorKind::kTimeout, "safeDestroyVM " + vm.name.text() + ": " + last.message());
}

awaitable<Result<std::vector<Vm>>> RemoteMachines::getVMs() {
  const Result<void> looked = co_await looker_->look();
  if (!looked) {
    co_return looked.error().during("getVMs");
  }
  std::map<std::string, Vm> all;
  for (const auto& [key, machine] : machines_.all()) {
    all.emplace(key, Vm{machine->name});
  }
  for (const Instance& instance : looker_->alive()) {
    all.emplace(instance.name.text(), Vm{instance.name});
  }
  std::vector<Vm> vms;
  for (const auto& [key, vm] : all) {
    vms.push_back(vm);
  }
  co_return vms;
}

}  // namespace tango::vmms::remote
