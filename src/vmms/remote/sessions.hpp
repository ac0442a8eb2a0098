// The session with the autodriver that stands by in a machine, taken up again when what carries it
// breaks. Every call is given up by cancelling it: see unlessEnded.
#pragma once

#include <memory>
#include <vector>

#include "vmms/remote/ground.hpp"
#include "vmms/remote/looker.hpp"
#include "vmms/remote/machine.hpp"
#include "vmms/remote/reaching.hpp"

namespace tango::vmms::remote {

class Sessions {
 public:
  Sessions(GroundPtr ground, LookerPtr looker, std::shared_ptr<Reaching> reaching)
      : ground_(std::move(ground)), looker_(std::move(looker)), reaching_(std::move(reaching)) {}

  /// One attempt to attach to the autodriver of `machine`, which stands by behind it. Ok at once
  /// if that is so already. kUnsupported: that cannot do on that machine what is asked of it.
  awaitable<Result<void>> attach(MachinePtr machine);

  // As DriveSession has them; a connection that breaks is taken up again for as long as
  // RemoteConfig::reattach_max.
  /// Only up to where the files begin to go: one that breaks later is kSystem.
  awaitable<Result<void>> sendFiles(MachinePtr machine, std::vector<driven::DrivenFile> files);
  awaitable<Result<model::RunOutcome>> run(MachinePtr machine, model::RunLimits limits);
  /// What was written by an attempt that broke is taken back.
  awaitable<Result<void>> output(MachinePtr machine, int fd);

  /// Tells autodriver that its service lives, over a new connection if need be.
  awaitable<Result<void>> beat(MachinePtr machine);

 private:
  awaitable<Result<void>> attachNow(MachinePtr machine);
  awaitable<Result<void>> takeUpAgain(MachinePtr machine, base::Deadline deadline);
  [[nodiscard]] base::Deadline reattachBy() const;

  const GroundPtr ground_;
  const LookerPtr looker_;
  const std::shared_ptr<Reaching> reaching_;
};

}  // namespace tango::vmms::remote
