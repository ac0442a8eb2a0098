// The VMMSs of a service whose VMs are machines of a cloud, reached over ssh, as they are
// configured: ec2SSH and tashiSSH.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/result.hpp"
#include "config/service_config.hpp"
#include "tango/serve/beginnings.hpp"
#include "vmms/registry.hpp"
#include "vmms/remote/remote_vmms.hpp"

namespace tango::app {

class RemoteBackends {
 public:
  /// `blocking` and `registry` are borrowed.
  RemoteBackends(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
                 vmms::Registry& registry);
  ~RemoteBackends();
  RemoteBackends(const RemoteBackends&) = delete;
  RemoteBackends& operator=(const RemoteBackends&) = delete;

  /// Makes those that are enabled, and puts them into the registry. `owner`: see ownerWord; what is
  /// to be kept of a cloud is kept beneath the data folder.
  base::Result<void> make(const config::ServiceConfig& config, const std::string& owner);
  /// Asks each cloud for what jobs will need, and logs what is wrong. Returns soon also where a
  /// cloud does not answer: jobs wait for it then.
  boost::asio::awaitable<void> start();
  /// Ends what they do by themselves, for the end of the service.
  boost::asio::awaitable<void> stop();

 private:
  struct One {
    std::string name;
    std::unique_ptr<vmms::RemoteVmms> vmms;
    std::function<boost::asio::awaitable<base::Result<void>>()> start;  ///< its cloud's
  };
  base::Result<void> makeEc2(const config::Ec2Ssh& section, const std::string& owner,
                             const std::filesystem::path& data_folder);
  void makeTashi(const config::TashiSsh& section, const std::string& owner);
  template <class Cloud>
  vmms::Backend& add(const char* name, std::unique_ptr<Cloud> cloud, vmms::RemoteConfig remote);
  boost::asio::awaitable<void> startOne(const One& one);

  const boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& blocking_;
  vmms::Registry& registry_;
  std::vector<std::unique_ptr<One>> all_;
  Beginnings starting_;
};

}  // namespace tango::app
