// What SimVmms can do beyond the contract: faults, lost answers, lost VMs, and time by hand.
#include "support/sim_vmms.hpp"

#include <optional>

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "conformance/vmms/answer.hpp"
#include "support/run_on.hpp"

namespace tango::test {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using model::RunOutcome;
using model::Vm;
using vmms::awaitable;

struct Sim {
  boost::asio::io_context context;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  SimVmms vmms{context.get_executor(), clock};

  template <class T>
  T call(awaitable<T> operation) {
    return runOn(context, std::move(operation));
  }
  Vm loaded(std::int64_t id) {
    const Vm vm = *call(vmms.initializeVM({"sim", id, "image"}, {}));
    REQUIRE(answer(call(vmms.waitVM(vm, clock->now()))) == kOk);
    REQUIRE(answer(call(vmms.copyIn(vm, {}))) == kOk);
    return vm;
  }
  /// runJob begun, its end in the result.
  std::shared_ptr<std::optional<Result<RunOutcome>>> begun(const Vm& vm, model::RunLimits limits) {
    auto end = std::make_shared<std::optional<Result<RunOutcome>>>();
    boost::asio::co_spawn(context, keep(vmms.runJob(vm, limits), end), boost::asio::detached);
    settle();
    return end;
  }
  void settle() {
    context.restart();
    context.poll();
  }

 private:
  static awaitable<void> keep(awaitable<Result<RunOutcome>> run,
                              std::shared_ptr<std::optional<Result<RunOutcome>>> end) {
    Result<RunOutcome> outcome = co_await std::move(run);
    end->emplace(std::move(outcome));
  }
};

SimAnswer failing(ErrorKind kind) {
  SimAnswer answer;
  answer.error = Error(kind, "as scripted");
  return answer;
}

SimAnswer lasting(Millis delay) {
  SimAnswer answer;
  answer.delay = delay;
  return answer;
}

TEST_CASE_FIXTURE(Sim, "the scripted call fails, and no other") {
  vmms.script().set(SimMethod::kInitializeVM, 2, failing(ErrorKind::kSystem));
  CHECK(answer(call(vmms.initializeVM({"sim", 1, "image"}, {}))) == kOk);
  CHECK(answer(call(vmms.initializeVM({"sim", 2, "image"}, {}))) == kSystem);
  CHECK(answer(call(vmms.initializeVM({"sim", 3, "image"}, {}))) == kOk);
  CHECK(vmms.machines() == 2);
  REQUIRE(vmms.script().calls().size() == 3);
  CHECK(vmms.script().calls()[1].failed == ErrorKind::kSystem);
  CHECK(vmms.script().calls()[1].vm.id == 2);
}

TEST_CASE_FIXTURE(Sim, "a lost answer leaves a VM that getVMs finds") {
  SimAnswer lost = failing(ErrorKind::kTimeout);
  lost.done_anyway = true;
  vmms.script().set(SimMethod::kInitializeVM, 1, lost);
  CHECK(answer(call(vmms.initializeVM({"sim", 1, "image"}, {}))) == kTimeout);
  CHECK(call(vmms.getVMs())->size() == 1);
}

TEST_CASE_FIXTURE(Sim, "a destruction that fails leaves the VM, for nothing but another") {
  vmms.script().set(SimMethod::kDestroyVM, 1, failing(ErrorKind::kSystem));
  const Vm vm = loaded(1);
  CHECK(answer(call(vmms.destroyVM(vm))) == kSystem);
  CHECK(call(vmms.getVMs())->size() == 1);
  CHECK(answer(call(vmms.runJob(vm, {}))) == kNotFound);
  CHECK(answer(call(vmms.destroyVM(vm))) == kOk);
  CHECK(call(vmms.getVMs())->empty());
}

TEST_CASE_FIXTURE(Sim, "a job ends when its time has come, and not before") {
  vmms.script().answerBy([](const SimCall& call) {
    return call.method == SimMethod::kRunJob ? lasting(Millis(5000)) : SimAnswer{};
  });
  const auto end = begun(loaded(1), {});
  clock->advance(Millis(4999));
  settle();
  CHECK_FALSE(end->has_value());
  clock->advance(Millis(1));
  settle();
  REQUIRE(end->has_value());
  CHECK((*end)->value().succeeded());
  CHECK((*end)->value().usage.wall_time == Millis(5000));
}

TEST_CASE_FIXTURE(Sim, "a job that lasts longer than its wall time is a timeout") {
  vmms.script().set(SimMethod::kRunJob, 1, lasting(Millis(100'000)));
  const base::Deadline start = clock->now();
  const auto end = begun(loaded(1), {});
  CHECK(clock->advanceToNext());
  settle();
  REQUIRE(end->has_value());
  CHECK((*end)->value().timedOut());
  CHECK(clock->now() - start == model::RunLimits{}.wall_time);
}

TEST_CASE_FIXTURE(Sim, "a VM that is lost under its job is kNotFound") {
  vmms.script().set(SimMethod::kRunJob, 1, lasting(Millis(1000)));
  const Vm vm = loaded(1);
  const auto end = begun(vm, {});
  vmms.lose(vm.name);
  settle();
  REQUIRE(end->has_value());
  CHECK(answer(**end) == kNotFound);
  CHECK(call(vmms.getVMs())->empty());
}

TEST_CASE_FIXTURE(Sim, "what waits goes on in the order of its due times") {
  vmms.script().set(SimMethod::kRunJob, 1, lasting(Millis(300)));
  vmms.script().set(SimMethod::kRunJob, 2, lasting(Millis(100)));
  const auto first = begun(loaded(1), {});
  const auto second = begun(loaded(2), {});
  CHECK(clock->advanceToNext());
  settle();
  CHECK_FALSE(first->has_value());
  CHECK(second->has_value());
  CHECK(clock->advanceToNext());
  settle();
  CHECK(first->has_value());
  CHECK_FALSE(clock->advanceToNext());
}

}  // namespace
}  // namespace tango::test
