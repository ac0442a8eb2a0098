#include "vmms/remote/remote_machines.hpp"

#include <utility>

#include "async/within.hpp"
#include "vmms/driven/driven_files.hpp"
#include "vmms/driven/machine_step.hpp"

namespace tango::vmms::remote {

using base::Error;
using base::ErrorKind;
using base::Millis;
using driven::Step;

namespace {

constexpr Millis kRetryToPrepare{500};
/// A machine that is reached and yet not made ready so often will not be.
constexpr int kPreparationsMax = 4;

/// What autodriver says does not exist, or is out of order, is no wrong call of the caller's.
template <class T>
Result<T> asOurs(Result<T> result) {
  if (!result && (result.error().kind() == ErrorKind::kNotFound ||
                  result.error().kind() == ErrorKind::kInvalid ||
                  result.error().kind() == ErrorKind::kCancelled)) {
    return Error(ErrorKind::kSystem, result.error().message());
  }
  return result;
}

}  // namespace

RemoteMachines::RemoteMachines(GroundPtr ground)
    : ground_(std::move(ground)),
      looker_(std::make_shared<Looker>(ground_)),
      reaching_(std::make_shared<Reaching>(ground_)),
      installing_(std::make_shared<Installing>(ground_, reaching_)),
      sessions_(std::make_shared<Sessions>(ground_, looker_, reaching_)),
      leases_(std::make_shared<Leases>(ground_, looker_, reaching_, sessions_)) {
  looker_->start();
  leases_->start();
}

RemoteMachines::~RemoteMachines() {
  looker_->stop();
  leases_->stop();
  for (const auto& [key, machine] : machines_.all()) {
    machine->ended.set();
    if (machine->session) {
      machine->session->close();
    }
  }
}

awaitable<void> RemoteMachines::stop() {
  looker_->stop();
  leases_->stop();
  co_await leases_->ended();
  co_await looker_->ended();
}

// What may come of booting: nobody answers yet, or lets us in, or the connection is cut.
awaitable<Result<void>> RemoteMachines::prepare(MachinePtr machine) {
  co_await looker_->awaitRunning(machine);
  const Looker::Awaiting often(looker_);  // its address may change
  int preparations = 0;
  for (;;) {
    const Result<void> met = co_await reaching_->meet(machine);
    Result<void> done = met;
    if (met) {
      ++preparations;
      done = co_await tryToPrepare(machine);
    }
    const bool in_vain =
        machine->unusable || preparations >= kPreparationsMax ||
        (!done && (isKeyRefused(done.error()) || done.error().kind() == ErrorKind::kUnsupported));
    if (done || in_vain) {
      co_return done;
    }
    machine->trouble = done.error().message();
    co_await ground_->pause(kRetryToPrepare);
  }
}

awaitable<Result<void>> RemoteMachines::tryToPrepare(MachinePtr machine) {
  Result<void> done = co_await installing_->prepare(machine);
  if (done) {
    done = co_await sessions_->attach(machine);
  }
  if (done) {
    done = co_await leases_->setEnd(machine);
  }
  co_return done;
}

awaitable<Result<void>> RemoteMachines::awaitReady(MachinePtr machine, Deadline deadline) {
  Result<void> ready = co_await unlessEnded(
      machine, async::within(deadline, prepare(machine), "it was not ready in time"));
  if (!ready && ready.error().kind() == ErrorKind::kTimeout && !machine->trouble.empty()) {
    ready = Error(ErrorKind::kTimeout, ready.error().message() + ": " + machine->trouble);
  }
  co_return asOurs(ready);
}

awaitable<Result<void>> RemoteMachines::waitVM(Vm vm, Deadline deadline) {
  return driven::step<void>(
      machines_, std::move(vm), Step::kWait, Step::kCopyIn, "waitVM",
      [this, deadline](const MachinePtr& machine) { return awaitReady(machine, deadline); });
}

awaitable<Result<void>> RemoteMachines::sendFiles(MachinePtr machine, InputFiles files) {
  Result<std::vector<driven::DrivenFile>> opened =
      driven::openFiles(files, machine->spec.disk_bytes);
  if (!opened) {
    co_return opened.error();
  }
  const Result<void> sent =
      co_await unlessEnded(machine, sessions_->sendFiles(machine, *std::move(opened)));
  co_return asOurs(sent);
}

awaitable<Result<void>> RemoteMachines::copyIn(Vm vm, InputFiles files) {
  return driven::step<void>(machines_, std::move(vm), Step::kCopyIn, Step::kRun, "copyIn",
                            [this, files = std::move(files)](const MachinePtr& machine) mutable {
                              return sendFiles(machine, std::move(files));
                            });
}

awaitable<Result<RunOutcome>> RemoteMachines::run(MachinePtr machine, RunLimits limits) {
  machine->limits = limits;
  machine->live.emplace(limits.output_bytes);
  const Result<RunOutcome> outcome = co_await unlessEnded(machine, sessions_->run(machine, limits));
  machine->live.reset();
  co_return asOurs(outcome);
}

awaitable<Result<RunOutcome>> RemoteMachines::runJob(Vm vm, RunLimits limits) {
  return driven::step<RunOutcome>(
      machines_, std::move(vm), Step::kRun, Step::kCopyOut, "runJob",
      [this, limits](const MachinePtr& machine) { return run(machine, limits); });
}

awaitable<Result<void>> RemoteMachines::fetch(MachinePtr machine, OutputTarget target) {
  const Result<void> copied = co_await unlessEnded(machine, sessions_->output(machine, target.fd));
  co_return asOurs(copied);
}

awaitable<Result<void>> RemoteMachines::copyOut(Vm vm, OutputTarget target) {
  return driven::step<void>(
      machines_, std::move(vm), Step::kCopyOut, Step::kNothing, "copyOut",
      [this, target](const MachinePtr& machine) { return fetch(machine, target); });
}

Result<std::string> RemoteMachines::getPartialOutput(const Vm& vm) {
  return machines_.partialOutput(vm);
}

Result<void> RemoteMachines::onOutput(const Vm& vm,
                                      std::function<void(std::string_view)> listener) {
  return machines_.listen(vm, std::move(listener));
}

}  // namespace tango::vmms::remote

namespace tango::vmms {

std::unique_ptr<RemoteVmms> RemoteVmms::make(boost::asio::any_io_executor executor,
                                             boost::asio::thread_pool& blocking,
                                             std::unique_ptr<remote::Cloud> cloud,
                                             RemoteConfig config) {
  return std::make_unique<remote::RemoteMachines>(std::make_shared<const remote::Ground>(
      std::move(executor), blocking, std::move(cloud), std::move(config)));
}

}  // namespace tango::vmms
