#include "conformance/vmms/docker_under_test.hpp"

#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/run_on.hpp"
#include "vmms/docker/docker_vmms.hpp"

namespace tango::test {
namespace {

using base::Millis;

// Room for more VMs at once than any case makes, whatever this machine has.
constexpr std::uint64_t kCpuMillis = 64'000;
constexpr std::uint64_t kMemory = 64 * model::kGiB;

boost::asio::thread_pool& blocking() {
  static boost::asio::thread_pool threads(2);
  return threads;
}

std::string freshOwner() {
  static int made = 0;
  return "suite-" + std::to_string(++made);
}

vmms::DockerConfig configOf(const DockerDaemons& daemons, const std::string& owner) {
  vmms::DockerConfig config;
  config.owner = owner;
  config.autodriver = TANGO_AUTODRIVER_PROGRAM;
  for (const vmms::docker::EngineAddress& address : daemons.addresses()) {
    vmms::DockerHostConfig host;
    host.name = "host-" + std::to_string(config.hosts.size());
    host.address = address;
    host.cpu_millis = kCpuMillis;
    host.memory_bytes = kMemory;
    host.cpu_millis = 16'000;  // what they do at once is not much
    config.hosts.push_back(std::move(host));
  }
  return config;
}

}  // namespace

DockerUnderTest::DockerUnderTest(std::string name, const DockerDaemons& daemons)
    : name_(std::move(name)), daemons_(daemons), owner_(freshOwner()) {}

std::unique_ptr<vmms::Vmms> DockerUnderTest::make(boost::asio::any_io_executor executor) {
  auto& context = static_cast<boost::asio::io_context&>(executor.context());
  auto docker = vmms::DockerVmms::make(std::move(executor), blocking(), configOf(daemons_, owner_));
  const base::Result<void> started = runOn(context, docker->start());
  if (!started) {
    throw std::runtime_error(started.error().message());
  }
  return docker;
}

model::MachineSpec DockerUnderTest::spec() const {
  model::MachineSpec spec;
  spec.image = kStockImage;
  return spec;
}

Patience DockerUnderTest::patience() const {
  Patience patience;
  patience.ready = Millis{60'000};
  patience.call = Millis{60'000};
  patience.stopped = Millis{20'000};
  return patience;
}

}  // namespace tango::test
