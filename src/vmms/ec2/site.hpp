// What all accounts have in common: the configuration, and where and as whom EC2 is asked.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aws/credentials.hpp"
#include "model/machine_spec.hpp"
#include "vmms/ec2/api.hpp"
#include "vmms/ec2/ec2_cloud.hpp"

namespace tango::vmms::ec2 {

/// Shared by all that is under way, so that it outlives its owner until that has ended.
class Site {
 public:
  Site(boost::asio::any_io_executor on, boost::asio::thread_pool& files, Ec2Config settings);

  /// kInvalid, naming the setting: what no request can mend.
  [[nodiscard]] Result<void> check() const;

  /// As the service itself: by its credential chain.
  static Api::Caller ourselves(const std::shared_ptr<Site>& site);
  /// As the account that a job brings.
  static Api::Caller inNameOf(const std::shared_ptr<Site>& site,
                              const model::CloudAccount& account);

  /// The private key that ssh comes with.
  [[nodiscard]] std::filesystem::path keyFile() const;
  /// What is ours by its name in an account: the key pair, the security group.
  [[nodiscard]] std::string ownName() const { return "tango-" + config.owner; }
  /// For a call of ordinary length that nobody gives up but us as a whole.
  [[nodiscard]] Patience patience() const { return {base::after(config.call_max), closing, ""}; }

  const boost::asio::any_io_executor executor;
  boost::asio::thread_pool& blocking;
  const Ec2Config config;
  const GiveUp closing;  ///< set when the cloud goes

 private:
  awaitable<Result<Endpoint>> endpoint();

  const std::unique_ptr<aws::CredentialChain> chain_;
  std::optional<Endpoint> endpoint_;
};

}  // namespace tango::vmms::ec2
