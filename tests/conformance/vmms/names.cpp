// Names are taken once, and what is asked for must exist.
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

TEST_CASE_FIXTURE(Trial, "a name that a VM has is taken, at whatever step the VM is") {
  const Vm vm = made();
  CHECK(answer(initializeVM(vm.name, spec())) == kExists);
  REQUIRE(answer(waitVM(vm)) == kOk);
  CHECK(answer(initializeVM(vm.name, spec())) == kExists);
  REQUIRE(answer(copyIn(vm, script("true"))) == kOk);
  REQUIRE(answer(runJob(vm)) == kOk);
  CHECK(answer(initializeVM(vm.name, spec())) == kExists);
}

TEST_CASE_FIXTURE(Trial, "of two that ask for a name at once, one gets it") {
  const VmName name = freshName();
  const auto first = begin(vmms().initializeVM(name, spec()));
  const auto second = begin(vmms().initializeVM(name, spec()));
  const Answer one = answer(finish(first));
  const Answer other = answer(finish(second));
  CHECK((one == kOk ? other : one) == kExists);
  CHECK((one == kOk ? one : other) == kOk);
  CHECK(answer(safeDestroyVM(Vm{name})) == kOk);
}

TEST_CASE_FIXTURE(Trial, "asking for a name that is taken does no harm to the VM that has it") {
  const Vm vm = loaded(script("exit 0"));
  REQUIRE(answer(initializeVM(vm.name, spec())) == kExists);
  const Result<RunOutcome> outcome = runJob(vm);
  REQUIRE(answer(outcome) == kOk);
  CHECK(outcome->succeeded());
}

TEST_CASE_FIXTURE(Trial, "after safeDestroyVM a name is free again, for a VM that is new") {
  const Vm vm = loaded(script("echo old"));
  REQUIRE(answer(safeDestroyVM(vm)) == kOk);
  const Result<Vm> again = initializeVM(vm.name, spec());
  REQUIRE(answer(again) == kOk);
  CHECK(answer(runJob(*again)) == kInvalid);
  CHECK(answer(waitVM(*again)) == kOk);
  CHECK(answer(copyIn(*again, script("echo new"))) == kOk);
}

TEST_CASE_FIXTURE(Trial, "names that differ in the prefix or the id alone are two VMs") {
  const Vm vm = made();
  VmName other_id = vm.name;
  other_id.id = freshName().id;
  VmName other_prefix = vm.name;
  other_prefix.prefix += "-2";
  CHECK(answer(initializeVM(other_id, spec())) == kOk);
  CHECK(answer(initializeVM(other_prefix, spec())) == kOk);
}

TEST_CASE_FIXTURE(Trial, "an image that does not exist is kNotFound, and no VM is made") {
  MachineSpec unknown = spec();
  unknown.image = backend().unknownImage();
  VmName name = freshName();
  name.image = unknown.image;
  CHECK(answer(initializeVM(name, unknown)) == kNotFound);
  CHECK_FALSE(listed(Vm{name}));
}

TEST_CASE_FIXTURE(Trial, "a name whose VM could not be made stays free") {
  MachineSpec unknown = spec();
  unknown.image = backend().unknownImage();
  const VmName name = freshName();
  REQUIRE(answer(initializeVM(name, unknown)) == kNotFound);
  CHECK(answer(initializeVM(name, spec())) == kOk);
}

}  // namespace
}  // namespace tango::test
