#include "vmms/docker/fleet.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/task_group.hpp"
#include "base/assert.hpp"
#include "base/log.hpp"
#include "vmms/docker/container_spec.hpp"

namespace tango::vmms::docker {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;

namespace {

constexpr Millis kPingMax{5'000};
constexpr Millis kLookUpEvery{60'000};
constexpr Millis kLookUpMax{30'000};

// `config` with `address` in the place of its host.
DockerHostConfig hostAt(DockerHostConfig config, const std::string& address) {
  config.name = address;
  if (config.address.way == EngineAddress::Way::kSsh) {
    config.address.ssh.host = address;
  } else {
    const std::size_t host = config.address.url.find("//") + 2;
    const std::size_t port = config.address.url.rfind(':');
    const bool v6 = address.find(':') != std::string::npos;
    config.address.url.replace(host, port - host, v6 ? "[" + address + "]" : address);
  }
  return config;
}

bool needsFolder(const DockerConfig& config) {
  return config.control_folder.empty() &&
         ((!config.dns_name.empty() &&
           config.dns_template.address.way == EngineAddress::Way::kSsh) ||
          std::any_of(config.hosts.begin(), config.hosts.end(), [](const auto& host) {
            return host.address.way == EngineAddress::Way::kSsh;
          }));
}

}  // namespace

Fleet::Fleet(boost::asio::any_io_executor executor, const DockerConfig& config)
    : executor_(std::move(executor)),
      config_(config),
      room_(executor_),
      stopping_(executor_),
      ended_(executor_) {
  ended_.set();
  if (needsFolder(config_)) {
    std::string folder = "/tmp/tango-ssh-XXXXXX";
    control_folder_ = ::mkdtemp(folder.data()) != nullptr ? folder : "";
  }
  for (const DockerHostConfig& host : config_.hosts) {
    addHost(host);
  }
}

Fleet::~Fleet() {
  hosts_.clear();
  if (!control_folder_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(control_folder_, ignored);
  }
}

HostPtr Fleet::addHost(DockerHostConfig config) {
  auto host = std::make_shared<DockerHost>(
      executor_, std::move(config),
      control_folder_.empty() ? config_.control_folder : control_folder_);
  hosts_.push_back(host);
  return host;
}

// The handler holds the fleet, so that it outlives what runs for it.
void Fleet::spawn(awaitable<void> task) {
  ++running_;
  ended_.reset();
  boost::asio::co_spawn(executor_, std::move(task),
                        [self = shared_from_this()](const std::exception_ptr& thrown) {
                          TANGO_ASSERT(!thrown, "a task of the fleet threw");
                          if (--self->running_ == 0) {
                            self->ended_.set();
                          }
                        });
}

awaitable<Result<void>> Fleet::start(Owner owner) {
  owner_ = std::move(owner);
  if (!config_.dns_name.empty()) {
    co_await lookUp();
  }
  async::TaskGroup meetings(executor_);
  for (const HostPtr& host : hosts_) {
    meetings.start(meetFirst(host));
  }
  co_await meetings.allEnded();
  for (const HostPtr& host : hosts_) {
    spawn(lookAfter(host));
  }
  spawn(keepAlive());
  if (!config_.dns_name.empty()) {
    spawn(followName());
  }
  const bool some = std::any_of(hosts_.begin(), hosts_.end(),
                                [](const HostPtr& host) { return !host->inTrouble(); });
  co_return some ? Result<void>() : Error(ErrorKind::kSystem, troubles());
}

void Fleet::stop() {
  owner_ = {};
  on_changed_ = nullptr;
  stopping_.set();
}

std::vector<HostRoom> Fleet::rooms() const {
  std::vector<HostRoom> rooms;
  for (const HostPtr& host : hosts_) {
    rooms.push_back(host->room());
  }
  return rooms;
}

std::vector<HostPtr> Fleet::placesFor(const Capacity& share) const {
  std::vector<HostPtr> places;
  for (const std::size_t each : docker::placesFor(rooms(), share)) {
    places.push_back(hosts_[each]);
  }
  return places;
}

bool Fleet::fitsSomewhere(const Capacity& share) const {
  return docker::fitsSomewhere(rooms(), share);
}

std::string Fleet::troubles() const {
  std::string all;
  for (const HostPtr& host : hosts_) {
    const std::string trouble = host->inTrouble() ? host->trouble() : "drained";
    if (!host->isOpen()) {
      all += (all.empty() ? "" : "; ") + host->name() + ": " + trouble;
    }
  }
  return all.empty() ? "there is no Docker host" : all;
}

Result<void> Fleet::drain(const std::string& name, bool drained) {
  const auto found = std::find_if(hosts_.begin(), hosts_.end(),
                                  [&name](const HostPtr& host) { return host->name() == name; });
  if (found == hosts_.end()) {
    return Error(ErrorKind::kNotFound, "there is no Docker host " + name);
  }
  (*found)->drain(drained);
  changed();
  return {};
}

void Fleet::changed() {
  room_.notifyAll();
  if (on_changed_) {
    on_changed_();
  }
}

awaitable<void> Fleet::suspect(HostPtr host) {
  const Result<void> answer = co_await host->engine().ping(kPingMax);
  if (!answer) {
    host->setAside(answer.error());
    changed();
  }
}

awaitable<bool> Fleet::meet(HostPtr host) {
  const Result<void> met = co_await host->meet(config_.allow_unenforced);
  if (!met) {
    host->setAside(met.error());
  }
  co_return met.ok();
}

awaitable<void> Fleet::meetFirst(HostPtr host) {
  const bool met = co_await meet(host);
  if (met) {
    co_await sweepVolumes(host);
  }
}

awaitable<void> Fleet::pauseUntil(Deadline due) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer(executor_, due);
  co_await (timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)) ||
            stopping_.wait());
}

// A host that was away may have kept containers of jobs that were given up meanwhile, and one that
// answered too late may have made one that nobody waited for.
awaitable<void> Fleet::sweep(HostPtr host) {
  const Result<std::vector<ContainerEntry>> found =
      co_await host->engine().listContainers({ownerFilter(config_.owner)});
  if (!found) {
    co_return;
  }
  for (const ContainerEntry& container : *found) {
    // Asked anew each time: a VM may have been made while others were removed.
    if (!owner_.knows || owner_.knows(container) || host->isProbing()) {
      continue;
    }
    const Result<void> removed = co_await host->engine().removeContainer(container.id);
    if (removed) {
      base::logInfo("docker: " + host->name() + ": removed a container that was left behind");
    }
  }
}

// Volumes go with their container; those of one that was never made to its end do not.
awaitable<void> Fleet::sweepVolumes(HostPtr host) {
  const Result<std::vector<std::string>> found =
      co_await host->engine().danglingVolumes(ownerFilter(config_.owner));
  for (const std::string& volume : found ? *found : std::vector<std::string>{}) {
    if (volume != autodriverVolume(config_.owner)) {
      static_cast<void>(co_await host->engine().removeVolume(volume));
    }
  }
}

awaitable<void> Fleet::takeUp(HostPtr host) {
  const bool met = co_await meet(host);
  if (met) {
    co_await sweep(host);
    co_await sweepVolumes(host);
    host->takeUp();
    changed();
  }
}

awaitable<void> Fleet::look(HostPtr host) {
  if (host->inTrouble()) {
    co_await takeUp(host);
  } else {
    co_await suspect(host);
  }
  const auto silent = host->silentSince();
  if (silent && base::SteadyClock::now() - *silent >= config_.silence_max && owner_.lost) {
    owner_.lost(*host);
  }
}

awaitable<void> Fleet::lookAfter(HostPtr host) {
  constexpr int kSweepEvery = 30;  // looks
  for (int looks = 1; !stopping_.isSet(); ++looks) {
    const Deadline next = base::after(config_.look_every);
    co_await pauseUntil(host->inTrouble() ? std::min(next, host->retryAt()) : next);
    if (stopping_.isSet()) {
      co_return;
    }
    co_await look(host);
    if (looks % kSweepEvery == 0 && !host->inTrouble()) {
      co_await sweep(host);
    }
  }
}

awaitable<void> Fleet::keepAlive() {
  // Some beats may be lost before a lease is.
  constexpr int kBeatsALease = 4;
  while (!stopping_.isSet()) {
    co_await pauseUntil(base::after(config_.lease / kBeatsALease));
    if (!owner_.alive) {
      co_return;
    }
    for (const MachinePtr& machine : owner_.alive()) {
      spawn(beat(machine));
    }
  }
}

awaitable<void> Fleet::beat(MachinePtr machine) {
  // One that fails shows in the call that is under way, or in the next.
  static_cast<void>(co_await machine->session->beat());
}

// What is new becomes a host; what is gone gets no more VMs.
awaitable<void> Fleet::lookUp() {
  const auto found = co_await resolver_.resolve(config_.dns_name, base::after(kLookUpMax));
  if (!found) {
    base::logWarning("docker: " + found.error().message());
    co_return;
  }
  std::set<std::string> addresses;
  for (const auto& address : *found) {
    addresses.insert(address.to_string());
  }
  for (const HostPtr& host : hosts_) {
    const bool configured =
        std::any_of(config_.hosts.begin(), config_.hosts.end(),
                    [&host](const auto& each) { return each.name == host->name(); });
    if (!configured) {
      host->setGone(!addresses.contains(host->name()));
    }
  }
  for (const std::string& address : addresses) {
    const bool known = std::any_of(hosts_.begin(), hosts_.end(), [&address](const HostPtr& host) {
      return host->name() == address;
    });
    if (!known) {
      addHost(hostAt(config_.dns_template, address));
    }
  }
}

awaitable<void> Fleet::followName() {
  while (!stopping_.isSet()) {
    co_await pauseUntil(base::after(kLookUpEvery));
    if (stopping_.isSet()) {
      co_return;
    }
    const std::size_t before = hosts_.size();
    co_await lookUp();
    for (std::size_t i = before; i < hosts_.size(); ++i) {
      const HostPtr host = hosts_[i];
      static_cast<void>(co_await meet(host));
      spawn(lookAfter(host));
    }
    changed();
  }
}

}  // namespace tango::vmms::docker
