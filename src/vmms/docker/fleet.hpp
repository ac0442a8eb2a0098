// All Docker hosts of a VMMS: they are met, looked after, set aside when they are in trouble, and
// rid of containers that nobody knows.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/event.hpp"
#include "http/client_resolver.hpp"
#include "vmms/docker/docker_host.hpp"
#include "vmms/docker/docker_vmms.hpp"
#include "vmms/docker/machine.hpp"

namespace tango::vmms::docker {

/// Its own tasks hold it, so it outlives its owner until they have ended.
class Fleet : public std::enable_shared_from_this<Fleet> {
 public:
  /// What the owner of the VMs is asked and told; not after `stop`.
  struct Owner {
    /// Whether a VM that is known is in the container, by its id or its name.
    std::function<bool(const ContainerEntry&)> knows;
    /// The host has been silent for too long: what runs there is given up.
    std::function<void(const DockerHost&)> lost;
    /// All VMs whose autodriver is to hear that their service lives.
    std::function<std::vector<MachinePtr>()> alive;
  };

  Fleet(boost::asio::any_io_executor executor, const DockerConfig& config);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  /// See DockerVmms::start.
  awaitable<Result<void>> start(Owner owner);
  /// Begins to end its own tasks.
  void stop();
  /// Returns when they have ended.
  awaitable<void> ended() { return ended_.wait(); }

  [[nodiscard]] const std::vector<HostPtr>& hosts() const { return hosts_; }
  /// Those that take VMs and have room for `share`, the best first.
  [[nodiscard]] std::vector<HostPtr> placesFor(const Capacity& share) const;
  /// Whether `share` would fit on an empty host.
  [[nodiscard]] bool fitsSomewhere(const Capacity& share) const;
  /// Why hosts take no VMs, host by host.
  [[nodiscard]] std::string troubles() const;
  Result<void> drain(const std::string& name, bool drained);

  /// A call on `host` failed: if it does not answer a ping either, it is set aside.
  awaitable<void> suspect(HostPtr host);

  void onChanged(std::function<void()> changed) { on_changed_ = std::move(changed); }
  /// A share was given back, or a host has changed.
  void changed();
  [[nodiscard]] async::Signal& room() { return room_; }

 private:
  [[nodiscard]] std::vector<HostRoom> rooms() const;
  void spawn(awaitable<void> task);
  HostPtr addHost(DockerHostConfig config);
  awaitable<bool> meet(HostPtr host);
  awaitable<void> meetFirst(HostPtr host);
  awaitable<void> takeUp(HostPtr host);
  awaitable<void> lookAfter(HostPtr host);
  awaitable<void> look(HostPtr host);
  awaitable<void> sweep(HostPtr host);
  awaitable<void> sweepVolumes(HostPtr host);
  awaitable<void> keepAlive();
  awaitable<void> beat(MachinePtr machine);
  awaitable<void> followName();
  awaitable<void> lookUp();
  awaitable<void> pauseUntil(base::Deadline due);

  const boost::asio::any_io_executor executor_;
  const DockerConfig config_;
  const http::Resolver resolver_;
  std::filesystem::path control_folder_;  ///< made by us: removed by us
  std::vector<HostPtr> hosts_;
  Owner owner_;
  std::function<void()> on_changed_;
  async::Signal room_;
  async::Event stopping_;
  std::size_t running_ = 0;  ///< tasks of its own
  async::Event ended_;
};

}  // namespace tango::vmms::docker
