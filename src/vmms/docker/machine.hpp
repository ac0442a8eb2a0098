// One VM as the service knows it: a container, the session with the autodriver in it, and how far
// its life has come.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "vmms/docker/docker_host.hpp"
#include "vmms/driven/drive_session.hpp"
#include "vmms/driven/driven_machine.hpp"

namespace tango::vmms::docker {

using driven::Step;

struct Machine : driven::DrivenMachine {
  using DrivenMachine::DrivenMachine;

  HostPtr host;           ///< null: none was found yet
  std::string container;  ///< its id, or as long as that is unknown its name; "": never asked for
  std::unique_ptr<driven::DriveSession> session;  ///< null: not attached
  std::uint64_t processes = 0;                    ///< that the container is limited to for its job
};

using MachinePtr = std::shared_ptr<Machine>;

}  // namespace tango::vmms::docker
