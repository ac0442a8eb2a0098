// getVMs lists exactly what is alive, what the service has forgotten included.
#include <algorithm>

#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

TEST_CASE_FIXTURE(Trial, "a VM is listed from initializeVM on, once, until it is destroyed") {
  const Vm vm = made();
  CHECK(listed(vm));
  REQUIRE(answer(waitVM(vm)) == kOk);
  CHECK(listed(vm));
  REQUIRE(answer(copyIn(vm, script("true"))) == kOk);
  CHECK(listed(vm));
  REQUIRE(answer(runJob(vm)) == kOk);
  CHECK(listed(vm));
  REQUIRE(answer(copyOut(vm)) == kOk);
  CHECK(listed(vm));
  const Result<std::vector<Vm>> all = getVMs();
  REQUIRE(answer(all) == kOk);
  CHECK(std::count(all->begin(), all->end(), vm) == 1);
  REQUIRE(answer(safeDestroyVM(vm)) == kOk);
  CHECK_FALSE(listed(vm));
}

TEST_CASE_FIXTURE(Trial, "a VM is listed while a call on it is under way") {
  const Vm vm = loaded(script("sleep 300"));
  const auto running = begin(vmms().runJob(vm, RunLimits{}));
  goOnFor(backend().patience().started);
  CHECK(listed(vm));
  CHECK_FALSE(running.done());
}

TEST_CASE_FIXTURE(Trial, "of several VMs those that are alive are listed, and no others") {
  const Vm first = made();
  const Vm second = made();
  const Vm third = made();
  REQUIRE(answer(safeDestroyVM(second)) == kOk);
  CHECK(listed(first));
  CHECK_FALSE(listed(second));
  CHECK(listed(third));
}

TEST_CASE_FIXTURE(Trial, "a service that has no VMs is told of none") {
  REQUIRE(answer(safeDestroyVM(made())) == kOk);
  const Result<std::vector<Vm>> all = getVMs();
  REQUIRE(answer(all) == kOk);
  CHECK(all->empty());
}

TEST_CASE_FIXTURE(Trial, "after a restart, what is listed is what has survived it") {
  const Vm vm = ready();
  restart();
  CHECK(listed(vm) == backend().survivesRestart());
  const Answer taken = backend().survivesRestart() ? kExists : kOk;
  CHECK(answer(initializeVM(vm.name, spec())) == taken);
}

TEST_CASE_FIXTURE(Trial, "after a restart, a VM that has survived can be destroyed") {
  const Vm vm = ready();
  restart();
  CHECK(answer(destroyVM(vm)) == kOk);
  CHECK(answer(safeDestroyVM(vm)) == kOk);
  CHECK_FALSE(listed(vm));
  CHECK(answer(initializeVM(vm.name, spec())) == kOk);
}

}  // namespace
}  // namespace tango::test
