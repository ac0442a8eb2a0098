#include "conformance/vmms/trial.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/unique_fd.hpp"

namespace tango::test {
namespace {

using base::after;
using base::SteadyClock;

// Ids that no earlier run of the suite has used, so that what it may have left is in nobody's way.
std::int64_t nextId() {
  static std::int64_t id = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  return ++id;
}

std::string contentOf(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace

Trial::Trial() : vmms_(backend_->make(context_.get_executor())) {}

Trial::~Trial() {
  for (const Vm& vm : made_) {
    const auto gone = begin(vmms_->safeDestroyVM(vm, after(backend_->patience().call)));
    const bool ended = drive([&gone] { return gone.done(); }, backend_->patience().call);
    CHECK_MESSAGE(ended, "behind the case, " << vm.name.text() << " could not be destroyed");
  }
  vmms_.reset();
}

vmms::LiveOutput& Trial::liveOutput() {
  vmms::LiveOutput* live = backend_->liveOutput(*vmms_);
  REQUIRE_MESSAGE(live != nullptr, backend_->name() << " has no live output");
  return *live;
}

void Trial::restart() {
  vmms_.reset();
  vmms_ = backend_->make(context_.get_executor());
}

Result<Vm> Trial::initializeVM(const VmName& name, const MachineSpec& spec) {
  Result<Vm> vm = call(vmms_->initializeVM(name, spec));
  if (vm) {
    made_.push_back(*vm);
  }
  return vm;
}

Result<void> Trial::waitVM(const Vm& vm) {
  return waitVM(vm, after(backend_->patience().ready));
}

Result<void> Trial::waitVM(const Vm& vm, base::Deadline deadline) {
  return call(vmms_->waitVM(vm, deadline));
}

Result<void> Trial::copyIn(const Vm& vm, InputFiles files) {
  return call(vmms_->copyIn(vm, std::move(files)));
}

Result<RunOutcome> Trial::runJob(const Vm& vm, RunLimits limits) {
  const auto running = begin(vmms_->runJob(vm, limits));
  return finish(running, limits.wall_time + backend_->patience().call);
}

Result<void> Trial::copyOut(const Vm& vm) {
  const base::UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  return copyOut(vm, null.get());
}

Result<void> Trial::copyOut(const Vm& vm, int fd) {
  return call(vmms_->copyOut(vm, {fd}));
}

Result<void> Trial::destroyVM(const Vm& vm) {
  return call(vmms_->destroyVM(vm));
}

Result<void> Trial::safeDestroyVM(const Vm& vm) {
  return call(vmms_->safeDestroyVM(vm, after(backend_->patience().call)));
}

Result<std::vector<Vm>> Trial::getVMs() {
  return call(vmms_->getVMs());
}

VmName Trial::freshName() {
  return {backend_->prefix(), nextId(), backend_->spec().image};
}

Vm Trial::made(const std::optional<MachineSpec>& spec) {
  const Result<Vm> vm = initializeVM(freshName(), spec.value_or(backend_->spec()));
  REQUIRE(answer(vm) == kOk);
  return *vm;
}

Vm Trial::ready(const std::optional<MachineSpec>& spec) {
  const Vm vm = made(spec);
  REQUIRE(answer(waitVM(vm)) == kOk);
  return vm;
}

Vm Trial::loaded(InputFiles files) {
  const Vm vm = ready();
  REQUIRE(answer(copyIn(vm, std::move(files))) == kOk);
  return vm;
}

Vm Trial::ran(InputFiles files) {
  const Vm vm = loaded(std::move(files));
  REQUIRE(answer(runJob(vm)) == kOk);
  return vm;
}

Vm Trial::fetched(InputFiles files) {
  const Vm vm = ran(std::move(files));
  REQUIRE(answer(copyOut(vm)) == kOk);
  return vm;
}

InputFile Trial::file(const std::string& name, std::string_view content, bool executable) {
  const auto local = folder_.write("local-" + std::to_string(files_++), content);
  REQUIRE(::chmod(local.c_str(), executable ? 0755 : 0644) == 0);
  return {local, name};
}

InputFiles Trial::script(std::string_view commands) {
  return {file("Makefile", "all:\n\t@sh script\n"), file("script", commands)};
}

RanJob Trial::job(InputFiles files, RunLimits limits, const std::optional<MachineSpec>& spec) {
  const auto running = begin(wholeLife(std::move(files), limits, spec.value_or(backend_->spec())));
  const Patience patience = backend_->patience();
  const Result<RanJob> ran = finish(running, limits.wall_time + patience.ready + patience.call * 4);
  REQUIRE(answer(ran) == kOk);
  return *ran;
}

awaitable<Result<RanJob>> Trial::wholeLife(InputFiles files, RunLimits limits, MachineSpec spec) {
  Result<Vm> vm = co_await vmms_->initializeVM(freshName(), std::move(spec));
  if (!vm) {
    co_return vm.error();
  }
  made_.push_back(*vm);
  Result<void> prepared = co_await vmms_->waitVM(*vm, after(backend_->patience().ready));
  if (prepared) {
    prepared = co_await vmms_->copyIn(*vm, std::move(files));
  }
  if (!prepared) {
    co_return prepared.error();
  }
  Result<RunOutcome> outcome = co_await vmms_->runJob(*vm, limits);
  if (!outcome) {
    co_return outcome.error();
  }
  const auto output = folder_.path() / ("output-" + std::to_string(files_++));
  const base::UniqueFd target(
      ::open(output.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  Result<void> copied = co_await vmms_->copyOut(*vm, {target.get()});
  if (copied) {
    copied = co_await vmms_->destroyVM(*vm);
  }
  if (!copied) {
    co_return copied.error();
  }
  const std::string text = contentOf(output);
  const std::size_t end = std::min(text.find('\n'), text.size());
  co_return RanJob{*outcome, text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
}

awaitable<Result<Vm>> Trial::madeAnew(Vm vm) {
  const Result<void> destroyed = co_await vmms_->destroyVM(vm);
  if (!destroyed) {
    co_return destroyed.error();
  }
  Result<Vm> again = co_await vmms_->initializeVM(vm.name, backend_->spec());
  co_return again;
}

bool Trial::listed(const Vm& vm) {
  const Result<std::vector<Vm>> all = getVMs();
  REQUIRE(answer(all) == kOk);
  return std::find(all->begin(), all->end(), vm) != all->end();
}

void Trial::goOnUntil(const std::function<bool()>& done, Millis patience, std::string_view what) {
  const bool in_time = drive(done, patience);
  REQUIRE_MESSAGE(in_time, what << " within " << patience.count() << " ms");
}

void Trial::goOnFor(Millis duration) {
  drive([] { return false; }, duration);
}

bool Trial::drive(const std::function<bool()>& done, Millis patience) {
  constexpr Millis kLookAgain{20};
  const base::Deadline deadline = after(patience);
  while (!done()) {
    if (SteadyClock::now() >= deadline) {
      return false;
    }
    context_.run_one_until(std::min(deadline, after(kLookAgain)));
  }
  return true;
}

}  // namespace tango::test
