// The VMMSs localDocker and distDocker of a service, as they are configured.
#pragma once

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
#include "vmms/docker/docker_vmms.hpp"
#include "vmms/registry.hpp"

namespace tango::app {

class DockerBackends {
 public:
  /// `blocking` and `registry` are borrowed.
  DockerBackends(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
                 vmms::Registry& registry);
  ~DockerBackends();
  DockerBackends(const DockerBackends&) = delete;
  DockerBackends& operator=(const DockerBackends&) = delete;

  /// Makes those that are enabled, and puts them into the registry. `owner`: see ownerWord.
  base::Result<void> make(const config::ServiceConfig& config, const std::string& owner);
  /// Reaches the hosts; returns when all have answered or failed, or soon all the same: those that
  /// take longer are gone on with, and a Docker that does not answer is logged.
  boost::asio::awaitable<void> start();
  /// Calls `changed` whenever what the hosts can run has changed; the registry has it then.
  void onChanged(std::function<void()> changed);
  /// Ends what they do by themselves, for the end of the service.
  boost::asio::awaitable<void> stop();

 private:
  struct One {
    std::string name;
    std::unique_ptr<vmms::DockerVmms> vmms;
  };
  void add(const std::string& name, vmms::DockerConfig config);
  void refresh(const One& one);
  boost::asio::awaitable<void> startOne(One& one);

  const boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& blocking_;
  vmms::Registry& registry_;
  std::vector<std::unique_ptr<One>> all_;
  Beginnings starting_;
  std::function<void()> changed_;
};

}  // namespace tango::app
