#include "tango/serve/remote_backends.hpp"

#include <utility>

#include "base/log.hpp"
#include "tango/serve/cloud_configs.hpp"

namespace tango::app {
namespace {

using base::Result;
using boost::asio::awaitable;

}  // namespace

RemoteBackends::RemoteBackends(boost::asio::any_io_executor executor,
                               boost::asio::thread_pool& blocking, vmms::Registry& registry)
    : executor_(std::move(executor)),
      blocking_(blocking),
      registry_(registry),
      starting_(executor_) {}

RemoteBackends::~RemoteBackends() = default;

template <class Cloud>
vmms::Backend& RemoteBackends::add(const char* name, std::unique_ptr<Cloud> cloud,
                                   vmms::RemoteConfig remote) {
  One& one = *all_.emplace_back(std::make_unique<One>());
  Cloud* const it = cloud.get();  // `one.vmms` has it
  one.name = name;
  one.start = [it] { return it->start(); };
  one.vmms = vmms::RemoteVmms::make(executor_, blocking_, std::move(cloud), std::move(remote));
  vmms::Backend& backend = registry_.backends[name];
  backend.vmms = one.vmms.get();
  backend.live_output = one.vmms.get();
  backend.images = it;
  return backend;
}

Result<void> RemoteBackends::makeEc2(const config::Ec2Ssh& section, const std::string& owner,
                                     const std::filesystem::path& data_folder) {
  Result<vmms::ec2::Ec2Config> config = ec2CloudConfig(section, owner, data_folder);
  if (!config) {
    return config.error();
  }
  vmms::Backend& backend =
      add("ec2SSH", vmms::ec2::Ec2Cloud::make(executor_, blocking_, *std::move(config)),
          ec2MachineConfig(section));
  backend.capacity.vms = section.instances_max;
  backend.takes_accounts = true;
  backend.wait_vm_timeout = section.wait_vm_timeout;
  backend.sleep_after = section.idle_timeout;
  return {};
}

void RemoteBackends::makeTashi(const config::TashiSsh& section, const std::string& owner) {
  vmms::Backend& backend =
      add("tashiSSH",
          vmms::tashi::TashiCloud::make(executor_, blocking_, tashiCloudConfig(section, owner)),
          tashiMachineConfig(section));
  backend.capacity.vms = section.vms_max;
  backend.wait_vm_timeout = section.wait_vm_timeout;
}

Result<void> RemoteBackends::make(const config::ServiceConfig& config, const std::string& owner) {
  if (config.ec2_ssh.enabled) {
    if (Result<void> made = makeEc2(config.ec2_ssh, owner, config.data_folder); !made) {
      return made;
    }
  }
  if (config.tashi_ssh.enabled) {
    makeTashi(config.tashi_ssh, owner);
  }
  return {};
}

awaitable<void> RemoteBackends::startOne(const One& one) {
  const Result<void> started = co_await one.start();
  if (!started) {
    base::logWarning(one.name + ": " + started.error().message());
  }
}

awaitable<void> RemoteBackends::start() {
  for (const std::unique_ptr<One>& one : all_) {
    starting_.start(startOne(*one));
  }
  co_await starting_.soon();
}

awaitable<void> RemoteBackends::stop() {
  for (const std::unique_ptr<One>& one : all_) {
    co_await one->vmms->stop();
  }
  co_await starting_.allEnded();
}

}  // namespace tango::app
