// Destruction is always in order, at every step and as often as one likes.
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

struct Destruction : Trial {
  /// Destroys `vm` in both ways, again and again.
  void destroyOften(const Vm& vm) {
    CHECK(answer(destroyVM(vm)) == kOk);
    CHECK(answer(destroyVM(vm)) == kOk);
    CHECK(answer(safeDestroyVM(vm)) == kOk);
    CHECK(answer(safeDestroyVM(vm)) == kOk);
    CHECK(answer(destroyVM(vm)) == kOk);
    CHECK_FALSE(listed(vm));
  }
};

TEST_CASE_FIXTURE(Destruction, "a VM that was only begun can be destroyed, and again") {
  destroyOften(made());
}

TEST_CASE_FIXTURE(Destruction, "a VM that is ready can be destroyed, and again") {
  destroyOften(ready());
}

TEST_CASE_FIXTURE(Destruction, "a VM that has its files can be destroyed, and again") {
  destroyOften(loaded(script("true")));
}

TEST_CASE_FIXTURE(Destruction, "a VM whose job has run can be destroyed, and again") {
  destroyOften(ran(script("true")));
}

TEST_CASE_FIXTURE(Destruction, "a VM whose output was fetched can be destroyed, and again") {
  destroyOften(fetched(script("true")));
}

TEST_CASE_FIXTURE(Destruction, "safeDestroyVM alone ends a VM, whatever its step") {
  for (const Vm& vm :
       {made(), ready(), loaded(script("true")), ran(script("true")), fetched(script("true"))}) {
    CHECK(answer(safeDestroyVM(vm)) == kOk);
    CHECK_FALSE(listed(vm));
  }
}

TEST_CASE_FIXTURE(Destruction, "a VM that never was can be destroyed") {
  destroyOften(Vm{freshName()});
}

TEST_CASE_FIXTURE(Destruction, "destroying one VM does no harm to another") {
  const Vm kept = loaded(script("exit 0"));
  const Vm gone = ready();
  REQUIRE(answer(safeDestroyVM(gone)) == kOk);
  CHECK(listed(kept));
  const Result<RunOutcome> outcome = runJob(kept);
  REQUIRE(answer(outcome) == kOk);
  CHECK(outcome->succeeded());
}

TEST_CASE_FIXTURE(Destruction, "both ways of destruction may be under way at once") {
  const Vm vm = loaded(script("true"));
  const base::Deadline deadline = base::after(backend().patience().call);
  const auto first = begin(vmms().safeDestroyVM(vm, deadline));
  const auto second = begin(vmms().destroyVM(vm));
  const auto third = begin(vmms().safeDestroyVM(vm, deadline));
  CHECK(answer(finish(first)) == kOk);
  CHECK(answer(finish(second)) == kOk);
  CHECK(answer(finish(third)) == kOk);
  CHECK_FALSE(listed(vm));
}

TEST_CASE_FIXTURE(Destruction, "a name that is given anew is safe from an older destruction") {
  const Vm vm = loaded(script("true"));
  const auto older = begin(vmms().safeDestroyVM(vm, base::after(backend().patience().call)));
  const auto anew = begin(madeAnew(vm));
  CHECK(answer(finish(older)) == kOk);
  if (finish(anew)) {  // kExists where destruction takes its time
    CHECK(listed(vm));
    CHECK(answer(waitVM(vm)) == kOk);
    CHECK(answer(safeDestroyVM(vm)) == kOk);
  }
}

}  // namespace
}  // namespace tango::test
