#include "support/sim_vmms.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::test {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using model::RunOutcome;
using model::Vm;
using vmms::awaitable;

struct SimMachine {
  model::VmName name;
  model::MachineSpec spec;
  int step = 0;
  bool busy = false;              ///< a step is under way
  bool ending = false;            ///< its destruction was begun
  std::optional<ErrorKind> gone;  ///< it does not exist any more: what a call under way says
  std::shared_ptr<boost::asio::steady_timer> alarm;  ///< of the step under way
  model::InputFiles files;
  model::RunLimits limits;
  RunOutcome outcome;
  std::string output;
};

namespace {

enum Step : int { kMade, kReady, kCopied, kRan, kFetched, kBroken, kForgotten };

Result<void> writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return base::systemError(errno, "write the output file");
    }
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return {};
}

/// The answer of a job that runs for longer than it may.
SimAnswer timedOut(SimAnswer answer, const model::RunLimits& limits) {
  answer.delay = limits.wall_time;
  answer.outcome.exit_status.reset();
  answer.outcome.signal = SIGKILL;
  answer.outcome.ended_by = model::Limit::kWallTime;
  return answer;
}

}  // namespace

SimVmms::SimVmms(boost::asio::any_io_executor executor, std::shared_ptr<ManualClock> clock,
                 std::shared_ptr<SimMachines> machines)
    : executor_(std::move(executor)), clock_(std::move(clock)), machines_(std::move(machines)) {
  for (const auto& [name, machine] : *machines_) {
    machine->step = kForgotten;
  }
}

// Its machines may outlive the executor.
SimVmms::~SimVmms() {
  for (const auto& [name, machine] : *machines_) {
    machine->alarm.reset();
  }
}

std::vector<std::pair<model::VmName, model::MachineSpec>> SimVmms::all() const {
  std::vector<std::pair<model::VmName, model::MachineSpec>> all;
  for (const auto& [name, machine] : *machines_) {
    all.emplace_back(machine->name, machine->spec);
  }
  return all;
}

void SimVmms::lose(const model::VmName& name) {
  const auto found = machines_->find(name.text());
  if (found != machines_->end()) {
    const MachinePtr machine = found->second;  // the map's own goes with its entry
    remove(machine, ErrorKind::kNotFound);
  }
}

Deadline SimVmms::now() const {
  return clock_ ? clock_->now() : base::SteadyClock::now();
}

SimCall SimVmms::callOf(SimMethod method, const model::VmName& vm) const {
  SimCall call;
  call.method = method;
  call.vm = vm;
  if (const auto found = machines_->find(vm.text()); found != machines_->end()) {
    call.spec = found->second->spec;
    call.files = found->second->files;
    call.limits = found->second->limits;
  }
  return call;
}

Result<SimVmms::MachinePtr> SimVmms::take(const model::VmName& name, int expected) {
  const auto found = machines_->find(name.text());
  if (found == machines_->end() || found->second->ending) {
    return Error(ErrorKind::kNotFound, "there is no such VM");
  }
  if (found->second->busy || found->second->step != expected) {
    return Error(ErrorKind::kInvalid, "called out of order");
  }
  return found->second;
}

/// Time passes; if it is for a machine's step, the machine's end ends it.
awaitable<void> SimVmms::pass(Millis delay, MachinePtr machine) {
  if (delay <= Millis(0)) {
    co_return;
  }
  const Deadline due = now() + delay;
  const auto alarm = clock_ ? clock_->alarm(executor_, due)
                            : std::make_shared<boost::asio::steady_timer>(executor_, due);
  if (machine) {
    machine->alarm = alarm;
  }
  co_await alarm->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

awaitable<Result<void>> SimVmms::step(MachinePtr machine, SimAnswer answer, int next) {
  machine->busy = true;
  machine->step = kBroken;
  co_await pass(answer.delay, machine);
  machine->busy = false;
  if (machine->gone) {
    co_return Error(*machine->gone, "the VM is gone");
  }
  if (answer.error) {
    co_return *answer.error;
  }
  machine->step = next;
  co_return Result<void>();
}

void SimVmms::remove(const MachinePtr& machine, ErrorKind calls_end_with) {
  const auto found = machines_->find(machine->name.text());
  if (found != machines_->end() && found->second == machine) {
    machines_->erase(found);
  }
  machine->gone = calls_end_with;
  if (machine->alarm) {
    machine->alarm->cancel();
  }
}

awaitable<Result<Vm>> SimVmms::initializeVM(model::VmName name, model::MachineSpec spec) {
  SimCall asked = callOf(SimMethod::kInitializeVM, name);
  asked.spec = spec;
  const std::size_t call = script_.begin(std::move(asked));
  const SimAnswer answer = script_.answerTo(call);
  if (machines_->contains(name.text())) {
    co_return script_.end<Vm>(call, Error(ErrorKind::kExists, "the name is taken"));
  }
  const auto machine = std::make_shared<SimMachine>();
  machine->name = name;
  machine->spec = std::move(spec);
  if (!answer.error || answer.done_anyway) {
    machines_->emplace(name.text(), machine);
  }
  co_await pass(answer.delay, nullptr);
  if (answer.error) {
    co_return script_.end<Vm>(call, *answer.error);
  }
  co_return script_.end<Vm>(call, Vm{std::move(name)});
}

awaitable<Result<void>> SimVmms::waitVM(Vm vm, Deadline deadline) {
  const std::size_t call = script_.begin(callOf(SimMethod::kWaitVM, vm.name));
  const Result<MachinePtr> machine = take(vm.name, kMade);
  if (!machine) {
    co_return script_.end<void>(call, machine.error());
  }
  SimAnswer answer = script_.answerTo(call);
  if (now() + answer.delay > deadline) {
    answer.delay = std::chrono::ceil<Millis>(deadline - now());
    answer.error = Error(ErrorKind::kTimeout, "it was not ready in time");
  }
  Result<void> ready = co_await step(*machine, std::move(answer), kReady);
  co_return script_.end<void>(call, std::move(ready));
}

awaitable<Result<void>> SimVmms::copyIn(Vm vm, model::InputFiles files) {
  SimCall asked = callOf(SimMethod::kCopyIn, vm.name);
  asked.files = files;
  const std::size_t call = script_.begin(std::move(asked));
  const Result<MachinePtr> machine = take(vm.name, kReady);
  if (!machine) {
    co_return script_.end<void>(call, machine.error());
  }
  (*machine)->files = std::move(files);
  Result<void> copied = co_await step(*machine, script_.answerTo(call), kCopied);
  co_return script_.end<void>(call, std::move(copied));
}

awaitable<Result<RunOutcome>> SimVmms::runJob(Vm vm, model::RunLimits limits) {
  SimCall asked = callOf(SimMethod::kRunJob, vm.name);
  asked.limits = limits;
  const std::size_t call = script_.begin(std::move(asked));
  const Result<MachinePtr> taken = take(vm.name, kCopied);
  if (!taken) {
    co_return script_.end<RunOutcome>(call, taken.error());
  }
  const MachinePtr& machine = *taken;
  SimAnswer answer = script_.answerTo(call);
  if (answer.delay > limits.wall_time) {
    answer = timedOut(std::move(answer), limits);
  }
  machine->limits = limits;
  machine->output = answer.output;
  machine->outcome = answer.outcome;
  machine->outcome.usage.wall_time = answer.delay;
  machine->outcome.usage.output_bytes = answer.output.size();
  const Result<void> ran = co_await step(machine, std::move(answer), kRan);
  if (!ran) {
    co_return script_.end<RunOutcome>(call, ran.error());
  }
  co_return script_.end<RunOutcome>(call, machine->outcome);
}

awaitable<Result<void>> SimVmms::copyOut(Vm vm, vmms::OutputTarget target) {
  const std::size_t call = script_.begin(callOf(SimMethod::kCopyOut, vm.name));
  const Result<MachinePtr> taken = take(vm.name, kRan);
  if (!taken) {
    co_return script_.end<void>(call, taken.error());
  }
  const MachinePtr& machine = *taken;
  Result<void> copied = co_await step(machine, script_.answerTo(call), kFetched);
  if (copied) {
    const std::string line = model::autodriverLine(machine->outcome, machine->limits);
    copied = writeAll(target.fd, line + "\n" + machine->output);
    machine->step = copied ? kFetched : kBroken;
  }
  co_return script_.end<void>(call, std::move(copied));
}

awaitable<Result<void>> SimVmms::destroyVM(Vm vm) {
  Result<void> destroyed = co_await destroy(SimMethod::kDestroyVM, std::move(vm), std::nullopt);
  co_return destroyed;
}

awaitable<Result<void>> SimVmms::safeDestroyVM(Vm vm, Deadline deadline) {
  Result<void> destroyed = co_await destroy(SimMethod::kSafeDestroyVM, std::move(vm), deadline);
  co_return destroyed;
}

awaitable<Result<void>> SimVmms::destroy(SimMethod method, Vm vm,
                                         std::optional<Deadline> deadline) {
  const std::size_t call = script_.begin(callOf(method, vm.name));
  const auto found = machines_->find(vm.name.text());
  if (found == machines_->end()) {
    co_return script_.end<void>(call, {});
  }
  const MachinePtr machine = found->second;
  machine->ending = true;
  SimAnswer answer = script_.answerTo(call);
  if (deadline && now() + answer.delay > *deadline) {
    answer.delay = std::chrono::ceil<Millis>(*deadline - now());
    answer.error = Error(ErrorKind::kTimeout, "it was not gone in time");
  }
  co_await pass(answer.delay, nullptr);
  if (!answer.error || answer.done_anyway) {
    remove(machine, ErrorKind::kCancelled);
  }
  if (answer.error) {
    co_return script_.end<void>(call, *answer.error);
  }
  co_return script_.end<void>(call, {});
}

awaitable<Result<std::vector<Vm>>> SimVmms::getVMs() {
  const std::size_t call = script_.begin(callOf(SimMethod::kGetVMs, {}));
  const SimAnswer answer = script_.answerTo(call);
  co_await pass(answer.delay, nullptr);
  if (answer.error) {
    co_return script_.end<std::vector<Vm>>(call, *answer.error);
  }
  std::vector<Vm> all;
  for (const auto& [name, machine] : *machines_) {
    all.push_back(Vm{machine->name});
  }
  co_return script_.end<std::vector<Vm>>(call, std::move(all));
}

}  // namespace tango::test
