#include "vmms/remote/remote_machines.hpp"

#include <utility>

#include "async/within.hpp"
#include "vmms/call.hpp"
#include "vmms/driven/driven_files.hpp"

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

awaitable<Result<void>> RemoteMachines::waitVM(Vm vm, Deadline deadline) {
  const Result<MachinePtr> taken = machines_.take(vm, Step::kWait);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  Call<Machine> call(machine);
  Result<void> ready = co_await unlessEnded(
      machine, async::within(deadline, prepare(machine), "it was not ready in time"));
  if (!ready && ready.error().kind() == ErrorKind::kTimeout && !machine->trouble.empty()) {
    ready = Error(ErrorKind::kTimeout, ready.error().message() + ": " + machine->trouble);
  }
  if (!ready || machine->isDestroyed()) {
    co_return call.failed(asOurs(ready), "waitVM");
  }
  call.succeed(Step::kCopyIn);
  co_return Result<void>();
}

awaitable<Result<void>> RemoteMachines::copyIn(Vm vm, InputFiles files) {
  const Result<MachinePtr> taken = machines_.take(vm, Step::kCopyIn);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  Call<Machine> call(machine);
  Result<std::vector<driven::DrivenFile>> opened =
      driven::openFiles(files, machine->spec.disk_bytes);
  if (!opened) {
    co_return call.failed(opened, "copyIn");
  }
  const Result<void> copied =
      co_await unlessEnded(machine, sessions_->sendFiles(machine, *std::move(opened)));
  if (!copied || machine->isDestroyed()) {
    co_return call.failed(asOurs(copied), "copyIn");
  }
  call.succeed(Step::kRun);
  co_return Result<void>();
}

awaitable<Result<RunOutcome>> RemoteMachines::runJob(Vm vm, RunLimits limits) {
  const Result<MachinePtr> taken = machines_.take(vm, Step::kRun);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  Call<Machine> call(machine);
  machine->limits = limits;
  machine->live.emplace(limits.output_bytes);
  Result<RunOutcome> outcome = co_await unlessEnded(machine, sessions_->run(machine, limits));
  machine->live.reset();
  if (!outcome || machine->isDestroyed()) {
    co_return call.failed(asOurs(outcome), "runJob");
  }
  call.succeed(Step::kCopyOut);
  co_return outcome;
}

awaitable<Result<void>> RemoteMachines::copyOut(Vm vm, OutputTarget target) {
  const Result<MachinePtr> taken = machines_.take(vm, Step::kCopyOut);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  Call<Machine> call(machine);
  const Result<void> copied = co_await unlessEnded(machine, sessions_->output(machine, target.fd));
  if (!copied || machine->isDestroyed()) {
    co_return call.failed(asOurs(copied), "copyOut");
  }
  call.succeed(Step::kNothing);
  co_return Result<void>();
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
