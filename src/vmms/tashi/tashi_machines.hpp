// TashiCloud as it is.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "async/event.hpp"
#include "vmms/tashi/instances.hpp"
#include "vmms/tashi/tashi_client.hpp"
#include "vmms/tashi/tashi_cloud.hpp"

namespace tango::vmms::tashi {

class TashiMachines final : public TashiCloud {
 public:
  TashiMachines(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
                TashiConfig config);

  awaitable<Result<void>> start() override;

  awaitable<Result<std::string>> create(model::VmName name, model::MachineSpec spec,
                                        std::shared_ptr<async::Event> give_up) override;
  awaitable<Result<void>> destroy(std::string id) override;
  awaitable<Result<std::vector<remote::Instance>>> list() override;
  [[nodiscard]] ssh::SshTarget target(const remote::Instance& instance) const override;
  awaitable<Result<std::vector<std::string>>> hostKeys(std::string id) override;
  awaitable<Result<void>> renew(std::vector<std::string> ids) override;

  awaitable<Result<std::vector<std::string>>> getImages() override;
  awaitable<Result<void>> findImage(std::string image) override;
  awaitable<Result<void>> buildImage(std::string name, std::string path) override;

 private:
  using GiveUp = std::shared_ptr<async::Event>;
  class Turn;

  awaitable<Result<std::string>> createInTurn(model::VmName name, model::MachineSpec spec,
                                              GiveUp give_up);
  /// A call that may be made again: it is, until there is an answer, or `deadline`.
  awaitable<Result<TashiClient::Answer>> ask(std::string method, std::string arguments,
                                             base::Deadline deadline);
  awaitable<Result<TashiClient::Answer>> askOnce(std::string method, std::string arguments,
                                                 base::Deadline deadline);
  awaitable<Result<std::vector<TashiInstance>>> instances(base::Deadline deadline);
  [[nodiscard]] Result<WantedInstance> wanted(const model::VmName& name,
                                              const model::MachineSpec& spec) const;
  [[nodiscard]] std::string addressOf(const TashiInstance& instance) const;

  const boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& blocking_;
  const TashiConfig config_;
  const TashiClient client_;
  std::set<std::string> being_made_;  ///< names
  async::Signal made_;                ///< there are fewer of them
};

}  // namespace tango::vmms::tashi
