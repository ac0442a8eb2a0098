// Tashi's VMs under the suite: a cluster manager on loopback, with a machine behind each instance.
#include <optional>
#include <utility>

#include <boost/asio/thread_pool.hpp>

#include "conformance/vmms/machines_under_test.hpp"
#include "tashi/tashi_server.hpp"
#include "vmms/remote/remote_vmms.hpp"

namespace tango::test {
namespace {

using base::Millis;

boost::asio::thread_pool& blocking() {
  static boost::asio::thread_pool threads(1);
  return threads;
}

class TashiUnderTest final : public MachinesUnderTest {
 public:
  TashiUnderTest() {
    if (!unavailable()) {
      server_.emplace(TashiServer::Machines::kReal);
      server_->addImage("stock.img");
    }
  }

  [[nodiscard]] std::string name() const override { return "tashiSSH"; }
  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override {
    vmms::RemoteConfig config;
    config.autodriver = TANGO_AUTODRIVER_PROGRAM;
    config.job_uid = 41'234;
    config.look_often = Millis{50};
    config.look_seldom = Millis{500};
    config.missing_max = Millis{5'000};
    config.reattach_max = Millis{20'000};
    return vmms::RemoteVmms::make(
        executor, blocking(),
        vmms::tashi::TashiCloud::make(executor, blocking(), server_->config()), std::move(config));
  }

 private:
  std::optional<TashiServer> server_;
};

}  // namespace

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  return std::make_unique<TashiUnderTest>();
}

}  // namespace tango::test
