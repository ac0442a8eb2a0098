// Our programs, autodriver and tango-student, brought to machines that have them not.
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
  /// is there, with tango-student if that can be put there. kUnsupported: no job can run on such a
  /// machine; kSystem: its set-up failed, in its words, or the connection broke. Sets
  /// `machine->unusable` where another attempt is in vain.
  awaitable<Result<void>> prepare(MachinePtr machine);

 private:
  struct Program {
    std::string bytes;
    std::string sha256;
  };
  struct Programs {
    Program autodriver;
    Program student;
  };
  using ProgramsPtr = std::shared_ptr<const Programs>;

  static Result<Program> readProgram(const std::filesystem::path& path);
  /// They are installed together.
  static Result<ProgramsPtr> readPrograms(const std::filesystem::path& autodriver);
  awaitable<Result<ProgramsPtr>> programs();
  awaitable<Result<Probe>> probe(MachinePtr machine);
  awaitable<Result<void>> send(MachinePtr machine, ProgramsPtr programs);
  awaitable<Result<void>> put(MachinePtr machine, std::string place, Program program);

  const GroundPtr ground_;
  const std::shared_ptr<Reaching> reaching_;
  ProgramsPtr programs_;
};

}  // namespace tango::vmms::remote
