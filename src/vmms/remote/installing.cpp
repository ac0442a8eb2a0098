#include "vmms/remote/installing.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include <sys/utsname.h>

#include "async/offload.hpp"
#include "async/uncancelled.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"

namespace tango::vmms::remote {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;

constexpr Millis kSetUpLook{500};

std::string ownArchitecture() {
  utsname about{};
  return ::uname(&about) == 0 ? about.machine : "";
}

/// No other attempt with this machine is of any use.
Error inVain(Machine& machine, ErrorKind kind, std::string message) {
  machine.unusable = true;
  return {kind, std::move(message)};
}

}  // namespace

Result<Installing::Program> Installing::readProgram(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file || bytes.empty()) {
    return Error(ErrorKind::kSystem, "read " + path.string() + ", which jobs on a machine need");
  }
  std::string sha256 = base::hexOf(base::sha256Of(bytes));
  return Program{std::move(bytes), std::move(sha256)};
}

Result<Installing::ProgramsPtr> Installing::readPrograms(const std::filesystem::path& autodriver) {
  Result<Program> first = readProgram(autodriver);
  Result<Program> second = readProgram(autodriver.parent_path() / "tango-student");
  if (!first || !second) {
    return first ? second.error() : first.error();
  }
  return std::make_shared<const Programs>(Programs{*std::move(first), *std::move(second)});
}

awaitable<Result<Installing::ProgramsPtr>> Installing::programs() {
  if (programs_) {
    co_return programs_;
  }
  Result<ProgramsPtr> read = co_await async::uncancelled(async::offload(
      ground_->blocking, [path = ground_->config.autodriver] { return readPrograms(path); }));
  if (read) {
    programs_ = *read;
  }
  co_return read;
}

awaitable<Result<Probe>> Installing::probe(MachinePtr machine) {
  for (;;) {
    const Result<std::string> said = co_await answerTo(reaching_->connection(*machine),
                                                       probeCommand(ground_->config.set_up_file));
    if (!said) {
      co_return said.error();
    }
    Result<Probe> probe = parseProbe(*said);
    if (!probe || !probe->set_up_runs) {
      co_return probe;
    }
    machine->trouble = "its set-up has not ended yet";
    co_await ground_->pause(kSetUpLook);
  }
}

awaitable<Result<void>> Installing::put(MachinePtr machine, std::string place, Program program) {
  const InstallWish wish{place, program.sha256, program.bytes.size()};
  const Result<void> sent = co_await carriedOut(
      reaching_->connection(*machine), installCommand(machine->as_root, wish), program.bytes);
  co_return sent ? sent : sent.error().during("put " + place + " there");
}

awaitable<Result<void>> Installing::send(MachinePtr machine, ProgramsPtr programs) {
  Result<void> sent = co_await put(machine, kInstalledStudent, programs->student);
  if (sent) {
    sent = co_await put(machine, kInstalled, programs->autodriver);
  }
  if (sent) {
    machine->autodriver = kInstalled;
  }
  co_return sent;
}

awaitable<Result<void>> Installing::prepare(MachinePtr machine) {
  if (!machine->autodriver.empty()) {
    co_return Result<void>();
  }
  const Result<ProgramsPtr> ours = co_await programs();
  if (!ours) {
    co_return ours.error();
  }
  const Result<Probe> found = co_await probe(machine);
  if (!found) {
    machine->unusable = found.error().kind() == ErrorKind::kUnsupported;
    co_return found.error();
  }
  if (!found->set_up_trouble.empty()) {
    co_return inVain(*machine, ErrorKind::kSystem, "its set-up failed: " + found->set_up_trouble);
  }
  if (found->architecture != ownArchitecture()) {
    co_return inVain(*machine, ErrorKind::kUnsupported,
                     "its machine is " + found->architecture + ", and our autodriver is for " +
                         ownArchitecture());
  }
  machine->as_root = found->is_root || !found->has_sudo ? "" : "sudo -n ";
  const bool can_install = found->is_root || found->has_sudo;
  const std::string there = usableCopy(*found, (*ours)->autodriver.sha256);
  const bool whole = offersStudent(*found, there, (*ours)->student.sha256);
  if (!there.empty() && (whole || !can_install)) {
    machine->autodriver = there;
    co_return Result<void>();
  }
  if (!can_install) {
    co_return inVain(*machine, ErrorKind::kUnsupported,
                     "its user is not root and cannot become it (" + found->sudo_words + ")");
  }
  Result<void> sent = co_await send(machine, *ours);
  co_return sent;
}

}  // namespace tango::vmms::remote
