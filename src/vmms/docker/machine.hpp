// One VM as the service knows it: a container, the session with the autodriver in it, and how far
// its life has come.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/event.hpp"
#include "model/machine_spec.hpp"
#include "model/outcome.hpp"
#include "model/vm.hpp"
#include "vmms/docker/docker_host.hpp"
#include "vmms/driven/drive_session.hpp"
#include "vmms/driven/live_view.hpp"

namespace tango::vmms::docker {

/// What is to be called next.
enum class Step { kWait, kCopyIn, kRun, kCopyOut, kNothing, kBroken };

struct Machine {
  Machine(const boost::asio::any_io_executor& executor, model::VmName vm_name,
          model::MachineSpec wanted)
      : name(std::move(vm_name)), spec(std::move(wanted)), gone(executor), settled(executor) {}

  [[nodiscard]] bool isDestroyed() const { return gone.isSet(); }

  model::VmName name;
  model::MachineSpec spec;
  HostPtr host;           ///< null: none was found yet
  std::string container;  ///< its id, or as long as that is unknown its name; "": never asked for
  std::unique_ptr<driven::DriveSession> session;  ///< null: not attached
  std::uint64_t processes = 0;                    ///< that the container is limited to for its job

  Step step = Step::kWait;
  bool busy = false;     ///< a call is under way
  async::Event gone;     ///< its destruction has begun
  async::Event settled;  ///< initializeVM has ended: the container is there, or will not come

  model::RunLimits limits;
  std::optional<driven::LiveView> live;  ///< while a job runs
  std::function<void(std::string_view)> listener;
};

using MachinePtr = std::shared_ptr<Machine>;

}  // namespace tango::vmms::docker
