#include "conformance/vmms/remote_under_test.hpp"

#include <utility>

namespace tango::test {
namespace {

using base::Millis;

boost::asio::thread_pool& blocking() {
  static boost::asio::thread_pool threads(1);
  return threads;
}

}  // namespace

vmms::RemoteConfig remoteConfig() {
  vmms::RemoteConfig config;
  config.autodriver = TANGO_AUTODRIVER_PROGRAM;
  config.job_uid = 41'234;
  config.look_often = Millis{50};
  config.look_seldom = Millis{500};
  config.missing_max = Millis{5'000};
  config.reattach_max = Millis{20'000};
  config.set_up_file = "/var/lib/tango/set-up";
  return config;
}

std::unique_ptr<vmms::RemoteVmms> makeRemoteVmms(boost::asio::any_io_executor executor,
                                                 MachineYard& yard, vmms::RemoteConfig config) {
  return vmms::RemoteVmms::make(std::move(executor), blocking(),
                                std::make_unique<MachineCloud>(yard), std::move(config));
}

RemoteUnderTest::RemoteUnderTest() {
  config.folder = control_.path();
  config.shuts_down = true;
  config.console_key_required = true;
}

std::unique_ptr<vmms::Vmms> RemoteUnderTest::make(boost::asio::any_io_executor executor) {
  return makeRemoteVmms(std::move(executor), yard, config);
}

}  // namespace tango::test
