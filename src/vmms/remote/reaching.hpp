// The way to a machine: first contact, at which its host key is taken down, and connections that
// hold it to that key.
#pragma once

#include <string>
#include <vector>

#include "vmms/remote/ground.hpp"
#include "vmms/remote/machine.hpp"
#include "vmms/remote/ssh_stream.hpp"

namespace tango::vmms::remote {

class Reaching {
 public:
  explicit Reaching(GroundPtr ground) : ground_(std::move(ground)) {}

  /// One attempt to come in, to where the cloud says that `machine` is now; behind a first one its
  /// key is known. Behind an error that sets `machine->unusable` there is no use in another.
  /// kSystem: nobody answers, or lets us in, or the console shows another key.
  awaitable<Result<void>> meet(MachinePtr machine);

  /// A connection to where the machine is now, which only the key that it was met with gets.
  /// The one that is there, if that goes there.
  ConnectionPtr connection(Machine& machine) const;

  /// Asks the console for the key if it has not confirmed it, without waiting for it to do so.
  /// kSystem: it has another one; the machine is unusable then.
  awaitable<Result<void>> compare(MachinePtr machine);

 private:
  awaitable<Result<void>> knock(MachinePtr machine) const;
  Result<void> prepareFile(Machine& machine) const;
  awaitable<Result<void>> learnKey(MachinePtr machine) const;
  awaitable<Result<void>> awaitConfirmation(MachinePtr machine);
  awaitable<Result<void>> comeInBy(MachinePtr machine, std::vector<std::string> keys);
  awaitable<Result<void>> comeIn(MachinePtr machine);
  [[nodiscard]] ssh::SshTarget target(const Machine& machine, bool learns) const;

  const GroundPtr ground_;
};

/// The error of a connection that another key than the one that the machine was met with was
/// offered to.
[[nodiscard]] bool isKeyRefused(const base::Error& error);

}  // namespace tango::vmms::remote
