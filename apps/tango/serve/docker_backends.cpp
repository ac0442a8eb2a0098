#include "tango/serve/docker_backends.hpp"

#include "base/log.hpp"

namespace tango::app {
namespace {

using base::Result;
using boost::asio::awaitable;
using vmms::docker::EngineAddress;

constexpr const char* kLocal = "localDocker";
constexpr const char* kDistributed = "distDocker";

vmms::DockerHostConfig hostConfig(std::string name, EngineAddress address,
                                  const config::DockerBounds& bounds) {
  vmms::DockerHostConfig host;
  host.name = std::move(name);
  host.address = std::move(address);
  host.cpu_millis = bounds.cpu_millis;
  host.memory_bytes = bounds.memory_bytes;
  host.vms_max = bounds.vms_max;
  return host;
}

vmms::DockerConfig containerConfig(const config::ServiceConfig& config, const std::string& owner,
                                   const config::DockerContainers& containers) {
  vmms::DockerConfig docker;
  docker.owner = owner;
  docker.lease = containers.lease;
  docker.allow_unenforced = containers.allow_unenforced;
  docker.processes = config.limits.processes;
  return docker;
}

Result<vmms::DockerConfig> localConfig(const config::ServiceConfig& config,
                                       const std::string& owner) {
  const config::LocalDocker& local = config.local_docker;
  vmms::DockerConfig docker = containerConfig(config, owner, local.containers);
  Result<EngineAddress> address = config::engineAddress(local);
  if (!address) {
    return address.error().during("vmms.localDocker.address");
  }
  docker.hosts.push_back(hostConfig("local", *std::move(address), local.bounds));
  return docker;
}

Result<vmms::DockerConfig> distributedConfig(const config::ServiceConfig& config,
                                             const std::string& owner) {
  const config::DistDocker& distributed = config.dist_docker;
  vmms::DockerConfig docker = containerConfig(config, owner, distributed.containers);
  for (const config::DockerHost& wanted : distributed.hosts) {
    Result<EngineAddress> address = config::engineAddress(distributed, wanted);
    if (!address) {
      return address.error().during("vmms.distDocker.host " + wanted.name);
    }
    docker.hosts.push_back(hostConfig(wanted.name, *std::move(address), wanted.bounds));
    docker.hosts.back().labels = wanted.labels;
  }
  if (!distributed.dns_name.empty()) {
    Result<EngineAddress> address = config::dnsAddress(distributed);
    if (!address) {
      return address.error().during("vmms.distDocker.dns_name");
    }
    docker.dns_name = distributed.dns_name;
    docker.dns_template = hostConfig("", *std::move(address), distributed.bounds);
  }
  return docker;
}

}  // namespace

DockerBackends::DockerBackends(boost::asio::any_io_executor executor,
                               boost::asio::thread_pool& blocking, vmms::Registry& registry)
    : executor_(std::move(executor)),
      blocking_(blocking),
      registry_(registry),
      starting_(executor_) {}

DockerBackends::~DockerBackends() = default;

void DockerBackends::add(const std::string& name, vmms::DockerConfig config) {
  One& one = *all_.emplace_back(std::make_unique<One>());
  one.name = name;
  one.vmms = vmms::DockerVmms::make(executor_, blocking_, std::move(config));
  one.vmms->onHostsChanged([this, &one] { refresh(one); });
  registry_.backends[name] = {one.vmms.get(), one.vmms.get(), one.vmms.get(), one.vmms->capacity(),
                              one.vmms.get()};
}

Result<void> DockerBackends::make(const config::ServiceConfig& config, const std::string& owner) {
  if (config.local_docker.enabled) {
    Result<vmms::DockerConfig> local = localConfig(config, owner);
    if (!local) {
      return local.error();
    }
    add(kLocal, *std::move(local));
  }
  if (config.dist_docker.enabled) {
    Result<vmms::DockerConfig> distributed = distributedConfig(config, owner);
    if (!distributed) {
      return distributed.error();
    }
    add(kDistributed, *std::move(distributed));
  }
  return {};
}

void DockerBackends::refresh(const One& one) {
  registry_.backends.at(one.name).capacity = one.vmms->capacity();
  if (changed_) {
    changed_();
  }
}

void DockerBackends::onChanged(std::function<void()> changed) {
  changed_ = std::move(changed);
}

awaitable<void> DockerBackends::startOne(One& one) {
  const Result<void> started = co_await one.vmms->start();
  if (!started) {
    base::logWarning(one.name + ": " + started.error().message());
  }
  refresh(one);
}

awaitable<void> DockerBackends::start() {
  for (const std::unique_ptr<One>& one : all_) {
    starting_.start(startOne(*one));
  }
  co_await starting_.soon();
}

awaitable<void> DockerBackends::stop() {
  for (const std::unique_ptr<One>& one : all_) {
    co_await one->vmms->stop();
  }
  co_await starting_.allEnded();
}

}  // namespace tango::app
