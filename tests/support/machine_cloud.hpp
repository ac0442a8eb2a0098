// A yard of machines as a cloud, as long as the yard lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/machine_yard.hpp"
#include "vmms/remote/cloud.hpp"

namespace tango::test {

/// The image that there is not.
inline constexpr const char* kNoSuchImage = "tango-no-such-image";

class MachineCloud final : public vmms::remote::Cloud {
 public:
  /// `yard` is borrowed: its machines outlive this, as those of a cloud outlive the service.
  explicit MachineCloud(MachineYard& yard) : yard_(yard) {}

  boost::asio::awaitable<base::Result<std::string>> create(
      model::VmName name, model::MachineSpec spec, std::shared_ptr<async::Event> give_up) override;
  boost::asio::awaitable<base::Result<void>> destroy(std::string id) override;
  boost::asio::awaitable<base::Result<std::vector<vmms::remote::Instance>>> list() override;
  [[nodiscard]] vmms::ssh::SshTarget target(const vmms::remote::Instance& instance) const override;
  boost::asio::awaitable<base::Result<std::vector<std::string>>> hostKeys(std::string id) override;
  boost::asio::awaitable<base::Result<void>> renew(std::vector<std::string> ids) override;

 private:
  MachineYard& yard_;
};

}  // namespace tango::test
