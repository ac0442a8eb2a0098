// Tells all that would end without us that we live: the autodriver of each machine, the machine
// itself, and the cloud.
#pragma once

#include <memory>

#include "async/event.hpp"
#include "vmms/remote/ground.hpp"
#include "vmms/remote/looker.hpp"
#include "vmms/remote/sessions.hpp"

namespace tango::vmms::remote {

class Leases : public std::enable_shared_from_this<Leases> {
 public:
  Leases(GroundPtr ground, LookerPtr looker, std::shared_ptr<Reaching> reaching,
         std::shared_ptr<Sessions> sessions);

  void start();
  void stop() { stopping_.set(); }
  [[nodiscard]] boost::asio::awaitable<void> ended() { return ended_.wait(); }

  /// Sets the hour at which `machine` ends by itself, if it shall have one.
  boost::asio::awaitable<Result<void>> setEnd(MachinePtr machine);

 private:
  static boost::asio::awaitable<void> keepRenewing(std::shared_ptr<Leases> self);
  static boost::asio::awaitable<void> renew(std::shared_ptr<Leases> self, MachinePtr machine);
  boost::asio::awaitable<Result<void>> renewMachine(MachinePtr machine);
  boost::asio::awaitable<void> renewWithCloud();
  void spawn(boost::asio::awaitable<void> task);

  const GroundPtr ground_;
  const LookerPtr looker_;
  const std::shared_ptr<Reaching> reaching_;
  const std::shared_ptr<Sessions> sessions_;
  std::size_t running_ = 0;
  async::Event stopping_;
  async::Event ended_;
};

}  // namespace tango::vmms::remote
