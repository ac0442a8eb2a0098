// The sandbox under the suite.
#include "conformance/vmms/vmms_under_test.hpp"
#include "support/sandbox_jobs.hpp"

namespace tango::test {
namespace {

class SandboxUnderTest final : public VmmsUnderTest {
 public:
  [[nodiscard]] std::string name() const override { return "sandbox"; }

  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override {
    auto started = vmms::SandboxVmms::start(std::move(executor), sandboxConfig());
    if (!started) {
      throw std::runtime_error(started.error().message());
    }
    return *std::move(started);
  }
  // Its processes end with the service's.
  [[nodiscard]] bool survivesRestart() const override { return false; }

  [[nodiscard]] model::MachineSpec spec() const override { return SandboxJobs::hostSpec(); }
  [[nodiscard]] int rounds() const override { return 30; }
};

}  // namespace

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  return std::make_unique<SandboxUnderTest>();
}

}  // namespace tango::test
