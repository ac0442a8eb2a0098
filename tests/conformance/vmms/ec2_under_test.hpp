// The VMMS ec2SSH under the suite: RemoteVmms over Ec2Cloud, as the service puts them together, on
// the region of tests/ec2, whose instances are machines on loopback.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conformance/vmms/vmms_under_test.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

class Ec2UnderTest final : public VmmsUnderTest {
 public:
  Ec2UnderTest() = default;
  ~Ec2UnderTest() override;

  [[nodiscard]] std::string name() const override { return "ec2SSH"; }
  [[nodiscard]] std::optional<std::string> unavailable() const override;
  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override;
  [[nodiscard]] bool survivesRestart() const override { return true; }
  [[nodiscard]] model::MachineSpec spec() const override;
  [[nodiscard]] std::string unknownImage() const override { return "ami-00000000000000bad"; }
  [[nodiscard]] Patience patience() const override;

 private:
  TempFolder folder_;
  bool used_ = false;
};

}  // namespace tango::test
