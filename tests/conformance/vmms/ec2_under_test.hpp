// The VMMS ec2SSH under the suite: RemoteVmms over Ec2Cloud, as the service puts them together, on
// the region of tests/ec2, whose instances are machines on loopback.
#pragma once

#include <memory>
#include <string>

#include "conformance/vmms/machines_under_test.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

class Ec2UnderTest final : public MachinesUnderTest {
 public:
  Ec2UnderTest() = default;
  ~Ec2UnderTest() override;

  [[nodiscard]] std::string name() const override { return "ec2SSH"; }
  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override;
  [[nodiscard]] std::string unknownImage() const override { return "ami-00000000000000bad"; }

 private:
  TempFolder folder_;
  bool used_ = false;
};

}  // namespace tango::test
