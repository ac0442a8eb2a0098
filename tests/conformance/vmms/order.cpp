// What comes at the wrong time, twice, or after a failure is refused, and does no harm.
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

struct Steps : Trial {
  /// Each of `steps` (by its first letter; o: copyOut) is refused as out of order.
  void checkRefused(const Vm& vm, std::string_view steps) {
    for (const char step : steps) {
      const Answer said = call(vm, step);
      CHECK_MESSAGE((said == kInvalid), "step " << std::string(1, step) << ": " << said);
    }
  }

  Answer call(const Vm& vm, char step) {
    switch (step) {
      case 'w':
        return answer(waitVM(vm));
      case 'c':
        return answer(copyIn(vm, script("true")));
      case 'r':
        return answer(runJob(vm));
      default:
        return answer(copyOut(vm));
    }
  }
};

TEST_CASE_FIXTURE(Steps, "before waitVM only waitVM is in order") {
  const Vm vm = made();
  checkRefused(vm, "cro");
  CHECK(answer(waitVM(vm)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "before copyIn only copyIn is in order") {
  const Vm vm = ready();
  checkRefused(vm, "wro");
  CHECK(answer(copyIn(vm, script("true"))) == kOk);
}

TEST_CASE_FIXTURE(Steps, "before runJob only runJob is in order") {
  const Vm vm = loaded(script("true"));
  checkRefused(vm, "wco");
  CHECK(answer(runJob(vm)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "before copyOut only copyOut is in order") {
  const Vm vm = ran(script("true"));
  checkRefused(vm, "wcr");
  CHECK(answer(copyOut(vm)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "after copyOut a VM is only good for destruction") {
  const Vm vm = fetched(script("true"));
  checkRefused(vm, "wcro");
  CHECK(answer(destroyVM(vm)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "after copyIn has failed a VM is only good for destruction") {
  const Vm vm = ready();
  CHECK(answer(copyIn(vm, {file("a/b", "")})) == kInvalid);
  checkRefused(vm, "wcro");
  CHECK(answer(destroyVM(vm)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "a VM that was not ready in time is only good for destruction") {
  const Vm vm = made();
  const Answer waited = answer(waitVM(vm, base::after(Millis(-1))));
  if (waited == kOk) {
    return;  // it was ready already
  }
  CHECK(waited == kTimeout);
  checkRefused(vm, "wcro");
  CHECK(answer(destroyVM(vm)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "on a VM that never was, the four steps are kNotFound") {
  const Vm vm{freshName()};
  for (const char step : std::string_view("wcro")) {
    const Answer said = call(vm, step);
    CHECK_MESSAGE((said == kNotFound), "step " << std::string(1, step) << ": " << said);
  }
}

TEST_CASE_FIXTURE(Steps, "on a VM that was destroyed, the four steps are kNotFound") {
  const Vm vm = loaded(script("true"));
  REQUIRE(answer(safeDestroyVM(vm)) == kOk);
  for (const char step : std::string_view("wcro")) {
    const Answer said = call(vm, step);
    CHECK_MESSAGE((said == kNotFound), "step " << std::string(1, step) << ": " << said);
  }
}

TEST_CASE_FIXTURE(Steps, "while waitVM is under way the other steps are refused, and it goes on") {
  const Vm vm = made();
  const auto waiting = begin(vmms().waitVM(vm, base::after(backend().patience().ready)));
  if (!waiting.done()) {
    checkRefused(vm, "cro");
  }
  CHECK(answer(finish(waiting)) == kOk);
}

TEST_CASE_FIXTURE(Steps, "while runJob is under way the four steps are refused, and it goes on") {
  const Vm vm = loaded(script("sleep 1; exit 0"));
  const auto running = begin(vmms().runJob(vm, {}));
  goOnFor(backend().patience().started);
  REQUIRE(!running.done());
  checkRefused(vm, "wcro");
  const Result<RunOutcome> outcome = finish(running);
  REQUIRE(answer(outcome) == kOk);
  CHECK(outcome->succeeded());
  CHECK(answer(copyOut(vm)) == kOk);
}

}  // namespace
}  // namespace tango::test
