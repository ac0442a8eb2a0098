// Our autodriver, brought to machines that have it not.
#pragma once

#include <memory>
#include <string>

#include "vmms/remote/ground.hpp"
#include "vmms/remote/machine.hpp"
#include "vmms/remote/reaching.hpp"
#include "vmms/remote/shell_commands.hpp"

namespace tango::vmms::remote {

class Installing {
 public:
  Installing(GroundPtr ground, std::shared_ptr<Reaching> reaching)
      : ground_(std::move(ground)), reaching_(std::move(reaching)) {}

  /// Waits until the set-up of `machine`, which was met, has ended, and sees to it that autodriver
  /// is there. kUnsupported: no job can run on such a machine; kSystem: its set-up failed, in its
  /// words, or the connection broke. Sets `machine->unusable` where another attempt is in vain.
  awaitable<Result<void>> prepare(MachinePtr machine);

 private:
  struct Program {
    std::string bytes;
    std::string sha256;
  };
  using ProgramPtr = std::shared_ptr<const Program>;

  static Result<ProgramPtr> readProgram(const std::filesystem::path& path);
  awaitable<Result<ProgramPtr>> program();
  awaitable<Result<Probe>> probe(MachinePtr machine);
  awaitable<Result<void>> send(MachinePtr machine, ProgramPtr program);

  const GroundPtr ground_;
  const std::shared_ptr<Reaching> reaching_;
  ProgramPtr program_;
};

}  // namespace tango::vmms::remote
