// How a VM is made: on which host, and what becomes of it where that fails.
#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include "vmms/call.hpp"
#include "vmms/docker/containers.hpp"
#include "vmms/docker/image_reference.hpp"

namespace tango::vmms::docker {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;

namespace {

constexpr Millis kRoomMax{30'000};

}  // namespace

awaitable<Result<Vm>> Containers::initializeVM(VmName name, MachineSpec spec) {
  const std::string key = name.text();
  if (machines_.find(name) || survivors_.contains(key)) {
    co_return Error(ErrorKind::kExists, "there is a VM " + key + " already");
  }
  const Result<ImageReference> reference = parseImageReference(spec.image);
  if (!reference) {
    co_return reference.error().during("initializeVM " + key);
  }
  if (!fleet_->fitsSomewhere(shareOf(spec))) {
    co_return Error(ErrorKind::kTooLarge, "initializeVM " + key +
                                              ": no host has as many cores, or "
                                              "as much memory, as are asked for");
  }
  auto machine = std::make_shared<Machine>(executor_, name, std::move(spec));
  machine->busy = true;
  machines_.add(machine);
  const Result<void> made = co_await make(machine);
  machine->busy = false;
  machine->settled.set();
  if (made && !machine->isDestroyed()) {
    co_return Vm{std::move(name)};
  }
  if (!machine->host) {
    forget(machine);
  }
  const Error error = machine->isDestroyed() ? destroyedError() : made.error();
  co_return error.during("initializeVM " + key);
}

// The best host that was not tried; waits for room for a while, since what is in use on a host may
// leave none in one piece.
awaitable<Result<HostPtr>> Containers::awaitPlace(MachinePtr machine, std::set<HostPtr> tried) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer patience(executor_, after(kRoomMax));
  bool patient = true;
  while (!machine->isDestroyed()) {
    for (const HostPtr& host : fleet_->placesFor(shareOf(machine->spec))) {
      if (!tried.contains(host)) {
        co_return host;
      }
    }
    const auto& hosts = fleet_->hosts();
    const bool may_come = std::any_of(hosts.begin(), hosts.end(), [&tried](const HostPtr& host) {
      return host->isOpen() && !tried.contains(host);
    });
    if (!may_come) {
      co_return Error(ErrorKind::kSystem, "no Docker host takes VMs: " + fleet_->troubles());
    }
    if (!patient) {
      co_return Error(ErrorKind::kSystem, "no Docker host has room for it");
    }
    const auto first =
        co_await (fleet_->room().next() || machine->gone.wait() ||
                  patience.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
    patient = first.index() != 2;
  }
  co_return destroyedError();
}

// Removes what may have been made of it on its host. Where the host does not answer, the container
// is one that nobody knows, and goes when the host is swept.
awaitable<void> Containers::leave(MachinePtr machine) {
  const HostPtr host = machine->host;
  if (machine->session) {
    machine->session->close();
    machine->session.reset();
  }
  if (!machine->container.empty()) {
    static_cast<void>(co_await host->engine().removeContainer(machine->container));
    machine->container.clear();
  }
  host->giveBack(shareOf(machine->spec));
  machine->host = nullptr;
  fleet_->room().notifyAll();
}

// On the first host that can. What a host does wrong that another does right is the host's fault.
awaitable<Result<void>> Containers::make(MachinePtr machine) {
  std::set<HostPtr> tried;
  std::vector<std::pair<HostPtr, Error>> failed;
  std::optional<Error> missing;
  for (;;) {
    const Result<HostPtr> place = co_await awaitPlace(machine, tried);
    if (!place) {
      const bool only_missing = missing && failed.empty();
      co_return only_missing ? *missing : !failed.empty() ? failed.front().second : place.error();
    }
    machine->host = *place;
    machine->host->take(shareOf(machine->spec));
    const Result<void> made = co_await maker_.make(machine);
    if (made) {
      for (const auto& [host, error] : failed) {
        host->setAside(error);
      }
      co_return made;
    }
    co_await leave(machine);
    switch (made.error().kind()) {
      case ErrorKind::kNotFound:
        missing = made.error();
        break;
      case ErrorKind::kSystem:
      case ErrorKind::kTimeout:
        co_await fleet_->suspect(*place);
        failed.emplace_back(*place, made.error().during("on " + (*place)->name()));
        break;
      default:
        co_return made;
    }
    tried.insert(*place);
  }
}

}  // namespace tango::vmms::docker
