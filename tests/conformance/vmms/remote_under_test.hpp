// RemoteVmms under the suite, over machines on loopback.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "conformance/vmms/machines_under_test.hpp"
#include "support/machine_cloud.hpp"
#include "support/machine_yard.hpp"
#include "support/temp_folder.hpp"
#include "vmms/remote/remote_vmms.hpp"

namespace tango::test {

/// What tests of it have in common: our autodriver, and patience for machines on loopback.
[[nodiscard]] vmms::RemoteConfig remoteConfig();
[[nodiscard]] std::unique_ptr<vmms::RemoteVmms> makeRemoteVmms(
    boost::asio::any_io_executor executor, MachineYard& yard, vmms::RemoteConfig config);

class RemoteUnderTest final : public MachinesUnderTest {
 public:
  RemoteUnderTest();

  [[nodiscard]] std::string name() const override { return "remote"; }
  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override;
  [[nodiscard]] std::string unknownImage() const override { return kNoSuchImage; }

  MachineYard yard;
  vmms::RemoteConfig config = remoteConfig();  ///< of what `make` makes
  /// Where ssh's sockets are: no process but those of this service has it among its arguments.
  [[nodiscard]] const std::filesystem::path& controlFolder() const { return control_.path(); }

 private:
  TempFolder control_;
};

}  // namespace tango::test
