#include "vmms/ec2/site.hpp"

#include <utility>

#include "vmms/ec2/network.hpp"
#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {

using base::Error;
using base::ErrorKind;

namespace {
constexpr std::size_t kUserDataMax = 16 * 1024;
}  // namespace

Site::Site(boost::asio::any_io_executor on, boost::asio::thread_pool& files, Ec2Config settings)
    : executor(std::move(on)),
      blocking(files),
      config(std::move(settings)),
      closing(std::make_shared<async::Event>(executor)),
      chain_(aws::CredentialChain::make(executor, blocking, config.credentials)) {}

Result<void> Site::check() const {
  const Result<void> owner = checkOwner(config.owner);
  if (!owner) {
    return owner.error();
  }
  if (!config.key_name.empty() && config.key_file.empty()) {
    return Error(ErrorKind::kInvalid,
                 "key_file: the private key of the key pair " + config.key_name + " is needed");
  }
  if (config.key_file.empty() && config.key_folder.empty()) {
    return Error(ErrorKind::kInvalid, "key_folder: there is no place for a key of our own");
  }
  for (const std::string& block : config.ssh_from) {
    const Result<std::string> network = networkBlock(block);
    if (!network) {
      return network.error();
    }
  }
  if (config.user_data.size() > kUserDataMax) {
    return Error(ErrorKind::kInvalid,
                 "user_data: EC2 takes at most " + std::to_string(kUserDataMax) + " bytes of it");
  }
  if (config.instances_max == 0) {
    return Error(ErrorKind::kInvalid, "instances_max: it is at least 1");
  }
  return {};
}

std::filesystem::path Site::keyFile() const {
  return config.key_file.empty() ? config.key_folder / ownName() : config.key_file;
}

awaitable<Result<Endpoint>> Site::endpoint() {
  if (!endpoint_) {
    std::string region = config.region;
    if (region.empty()) {
      region = co_await chain_->region();
    }
    const Result<Endpoint> found =
        endpointFor(region, config.endpoint, config.credentials.environment);
    if (!found) {
      co_return found.error();
    }
    endpoint_ = *found;
  }
  co_return *endpoint_;
}

Api::Caller Site::ourselves(const std::shared_ptr<Site>& site) {
  return {.credentials = [site] { return site->chain_->find(); },
          .refused = [site] { site->chain_->refused(); },
          .endpoint = [site] { return site->endpoint(); }};
}

Api::Caller Site::inNameOf(const std::shared_ptr<Site>& site, const model::CloudAccount& account) {
  aws::Credentials credentials;
  credentials.access_key_id = account.access_key_id;
  credentials.secret_access_key = account.access_key;
  const auto found = [](aws::Credentials fixed) -> awaitable<Result<aws::Credentials>> {
    co_return fixed;
  };
  return {.credentials = [found, credentials] { return found(credentials); },
          .refused = [] {},
          .endpoint = [site] { return site->endpoint(); }};
}

}  // namespace tango::vmms::ec2
