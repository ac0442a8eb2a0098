#include "sandbox/background_job.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "support/run_on.hpp"

namespace tango::test {
namespace {

using base::Result;
namespace fs = std::filesystem;

constexpr base::Millis kReadyTimeout{20'000};

}  // namespace

BackgroundJob::BackgroundJob(SandboxJobs& jobs, const std::map<std::string, std::string>& files,
                             model::RunLimits limits, model::MachineSpec spec,
                             const std::string& executable)
    : jobs_(jobs), state_(std::make_shared<State>()) {
  static std::int64_t next_id = 1;
  state_->vm.name = {"background", next_id++, spec.image};
  model::InputFiles input;
  for (const auto& [name, content] : files) {
    const fs::path local = folder_.write("input" + std::to_string(input.size()), content);
    fs::permissions(local, name == executable ? fs::perms::owner_all : fs::perms::owner_read);
    input.push_back({local, name});
  }
  boost::asio::co_spawn(jobs_.context(),
                        drive(jobs_.vmms(), state_, std::move(spec), std::move(input), limits),
                        boost::asio::detached);
}

vmms::awaitable<void> BackgroundJob::drive(vmms::SandboxVmms& vmms, std::shared_ptr<State> state,
                                           model::MachineSpec spec, model::InputFiles files,
                                           model::RunLimits limits) {
  Result<model::Vm> vm = co_await vmms.initializeVM(state->vm.name, spec);
  if (!vm) {
    state->outcome = vm.error();
    co_return;
  }
  Result<void> ready = co_await vmms.waitVM(*vm, base::after(kReadyTimeout));
  if (!ready) {
    state->outcome = ready.error();
    co_return;
  }
  Result<void> copied = co_await vmms.copyIn(*vm, files);
  if (!copied) {
    state->outcome = copied.error();
    co_return;
  }
  State* const raw = state.get();
  Result<void> listening =
      vmms.onOutput(*vm, [raw](std::string_view bytes) { raw->output += bytes; });
  Result<model::RunOutcome> outcome = co_await vmms.runJob(*vm, limits);
  state->outcome = listening ? outcome : listening.error();
}

bool BackgroundJob::runUntil(const std::function<bool()>& done, base::Millis patience) {
  constexpr base::Millis kStep{5};
  const base::Deadline deadline = base::after(patience);
  jobs_.context().restart();
  while (!done()) {
    if (base::SteadyClock::now() > deadline) {
      return false;
    }
    jobs_.context().restart();
    jobs_.context().run_one_for(kStep);
  }
  return true;
}

bool BackgroundJob::runUntilOutput(const std::string& text) {
  return runUntil([&] { return output().find(text) != std::string::npos || over(); }) &&
         output().find(text) != std::string::npos;
}

const Result<model::RunOutcome>& BackgroundJob::outcome() {
  REQUIRE_MESSAGE(runUntil([this] { return over(); }, base::Millis(60'000)),
                  "the job's end never came");
  return *state_->outcome;
}

Result<void> BackgroundJob::destroy() {
  auto destroyed = std::make_shared<std::optional<Result<void>>>();
  boost::asio::co_spawn(jobs_.context(), jobs_.vmms().destroyVM(state_->vm),
                        [destroyed](const std::exception_ptr&, Result<void> result) {
                          destroyed->emplace(std::move(result));
                        });
  REQUIRE_MESSAGE(runUntil([&] { return destroyed->has_value(); }), "destroyVM hangs");
  return **destroyed;
}

std::string BackgroundJob::output() const {
  return state_->output;
}

}  // namespace tango::test
