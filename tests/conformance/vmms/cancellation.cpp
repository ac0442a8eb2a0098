// A job is cancelled by destroying its VM: the call under way ends soon.
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

struct Cancellation : Trial {
  awaitable<Result<void>> destruction(const Vm& vm, bool safe) {
    return safe ? vmms().safeDestroyVM(vm, base::after(backend().patience().call))
                : vmms().destroyVM(vm);
  }

  /// Destroys `vm` while `call` is under way, `later` after now.
  template <class T>
  void destroyDuring(const Vm& vm, Pending<T> call, bool safe, Millis later = Millis(0)) {
    goOnFor(later);
    const bool under_way = !call.done();
    const Result<void> destroyed = finish(begin(destruction(vm, safe)));
    CHECK(answer(destroyed) == kOk);
    if (under_way) {
      checkStopped(call);
    }
    CHECK_FALSE(listed(vm));
    CHECK(answer(runJob(vm)) == kNotFound);
  }

  void duringWaitVM(bool safe) {
    const Vm vm = made();
    const base::Deadline deadline = base::after(backend().patience().ready);
    destroyDuring(vm, begin(vmms().waitVM(vm, deadline)), safe);
  }

  void duringCopyIn(bool safe) {
    const Vm vm = ready();
    const InputFile big = file("big", std::string(20 * model::kMiB, 'b'));
    destroyDuring(vm, begin(vmms().copyIn(vm, {big})), safe);
  }

  void duringRunJob(bool safe, Millis later) {
    const Vm vm = loaded(script("sleep 300"));
    const auto running = begin(vmms().runJob(vm, RunLimits{}));
    REQUIRE(!running.done());
    destroyDuring(vm, running, safe, later);
    CHECK(running.done());
  }
};

TEST_CASE_FIXTURE(Cancellation, "destroyVM ends waitVM") {
  duringWaitVM(false);
}

TEST_CASE_FIXTURE(Cancellation, "destroyVM ends copyIn") {
  duringCopyIn(false);
}

TEST_CASE_FIXTURE(Cancellation, "destroyVM ends runJob that has just begun") {
  duringRunJob(false, Millis(0));
}

TEST_CASE_FIXTURE(Cancellation, "destroyVM ends runJob whose program runs") {
  duringRunJob(false, backend().patience().started);
}

TEST_CASE_FIXTURE(Cancellation, "safeDestroyVM ends waitVM") {
  duringWaitVM(true);
}

TEST_CASE_FIXTURE(Cancellation, "safeDestroyVM ends copyIn") {
  duringCopyIn(true);
}

TEST_CASE_FIXTURE(Cancellation, "safeDestroyVM ends runJob that has just begun") {
  duringRunJob(true, Millis(0));
}

TEST_CASE_FIXTURE(Cancellation, "safeDestroyVM ends runJob whose program runs") {
  duringRunJob(true, backend().patience().started);
}

TEST_CASE_FIXTURE(Cancellation, "once a VM's destruction has begun, no other call on it is ok") {
  const Vm vm = loaded(script("exit 0"));
  const auto destroyed = begin(destruction(vm, true));
  auto late = begin(vmms().runJob(vm, RunLimits{}));
  checkStopped(late);
  CHECK(answer(finish(destroyed)) == kOk);
  CHECK_FALSE(listed(vm));
}

TEST_CASE_FIXTURE(Cancellation, "destruction may come at any moment of a VM's life") {
  for (int round = 0; round < backend().rounds(); ++round) {
    CAPTURE(round);
    const auto life = begin(wholeLife(script("echo a; sleep 0.01; echo b"), RunLimits{}, spec()));
    goOnFor(Millis(round * 2));
    const Result<std::vector<Vm>> alive = getVMs();
    REQUIRE(answer(alive) == kOk);
    for (const Vm& vm : *alive) {
      CHECK(answer(finish(begin(destruction(vm, round % 2 == 0)))) == kOk);
    }
    const Answer ended = answer(finish(life));
    const bool as_promised = ended == kOk || ended == kCancelled || ended == kNotFound;
    CHECK_MESSAGE(as_promised, "the life ended with " << ended);
  }
}

TEST_CASE_FIXTURE(Cancellation, "a cancelled job does not hold up the next") {
  duringRunJob(false, backend().patience().started);
  CHECK(scriptJob("exit 0").outcome.succeeded());
}

TEST_CASE_FIXTURE(Cancellation, "a name given anew is not the VM whose runJob was cancelled") {
  const Vm vm = loaded(script("sleep 300"));
  auto running = begin(vmms().runJob(vm, RunLimits{}));
  const auto anew = begin(madeAnew(vm));
  checkStopped(running);
  if (finish(anew)) {  // kExists where destruction takes its time
    CHECK(answer(waitVM(vm)) == kOk);
    CHECK(answer(safeDestroyVM(vm)) == kOk);
  }
}

}  // namespace
}  // namespace tango::test
