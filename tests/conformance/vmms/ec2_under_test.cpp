#include "conformance/vmms/ec2_under_test.hpp"

#include <stdexcept>
#include <utility>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/run_on.hpp"
#include "unit/ec2/region.hpp"
#include "vmms/ec2/ec2_cloud.hpp"
#include "vmms/ec2/setup_script.hpp"
#include "vmms/remote/remote_vmms.hpp"

namespace tango::test {
namespace {

using base::Millis;

constexpr std::uint16_t kSshPort = 2222;
// More than any case makes.
constexpr std::uint64_t kInstancesMax = 64;

boost::asio::thread_pool& blocking() {
  static boost::asio::thread_pool threads(2);
  return threads;
}

Region& region() {
  static Region one("--ssh-port=" + std::to_string(kSshPort));
  return one;
}

vmms::ec2::Ec2Config cloudConfig(const TempFolder& folder) {
  vmms::ec2::Ec2Config config;
  config.owner = "suite";
  config.region = region().told("region");
  config.endpoint = region().told("ec2");
  config.credentials.access_key_id = region().told("access_key_id");
  config.credentials.secret_access_key = region().told("secret_access_key");
  config.checkip_url = region().told("control") + "/checkip";
  config.ssh_port = kSshPort;
  config.key_folder = folder.path() / "keys";
  config.instances_max = kInstancesMax;
  const base::Result<std::string> script = vmms::ec2::setupScript({});
  config.user_data = *script;
  return config;
}

vmms::RemoteConfig machineConfig() {
  vmms::RemoteConfig config;
  config.autodriver = TANGO_AUTODRIVER_PROGRAM;
  config.job_uid = vmms::ec2::kJobUid;
  config.look_often = Millis{100};
  config.look_seldom = Millis{500};
  config.shuts_down = true;
  config.console_key_required = true;
  config.set_up_file = vmms::ec2::kSetUpFile;
  return config;
}

}  // namespace

Ec2UnderTest::~Ec2UnderTest() {
  if (used_) {
    const std::string violations = region().violations();
    region().reset();
    CHECK_MESSAGE(violations == "[]", "requests that EC2 would not take: " << violations);
  }
}

std::unique_ptr<vmms::Vmms> Ec2UnderTest::make(boost::asio::any_io_executor executor) {
  auto& context = static_cast<boost::asio::io_context&>(executor.context());
  used_ = true;
  auto cloud = vmms::ec2::Ec2Cloud::make(executor, blocking(), cloudConfig(folder_));
  const base::Result<void> started = runOn(context, cloud->start());
  if (!started) {
    throw std::runtime_error(started.error().message());
  }
  return vmms::RemoteVmms::make(std::move(executor), blocking(), std::move(cloud), machineConfig());
}

}  // namespace tango::test
