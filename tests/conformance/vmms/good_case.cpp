// A VM's life as the contract tells it.
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

TEST_CASE_FIXTURE(Trial, "a job's files go in, make runs, and its output comes out") {
  const RanJob ran = job({file("Makefile", "all:\n\t@cat question; sh answer\n"),
                          file("question", "six times nine?\n"), file("answer", "echo 42\n")});
  CHECK(ran.outcome.succeeded());
  CHECK(ran.line == "Autodriver: Job exited with status 0");
  CHECK(ran.body == "six times nine?\n42\n");
}

TEST_CASE_FIXTURE(Trial, "each of the eight methods is ok when it is its turn") {
  const VmName name = freshName();
  const Result<Vm> vm = initializeVM(name, spec());
  REQUIRE(answer(vm) == kOk);
  CHECK(vm->name == name);
  CHECK(answer(waitVM(*vm)) == kOk);
  CHECK(answer(copyIn(*vm, script("true"))) == kOk);
  CHECK(answer(runJob(*vm)) == kOk);
  CHECK(answer(copyOut(*vm)) == kOk);
  CHECK(answer(getVMs()) == kOk);
  CHECK(answer(destroyVM(*vm)) == kOk);
  CHECK(answer(safeDestroyVM(*vm)) == kOk);
}

TEST_CASE_FIXTURE(Trial, "one VM after another can be made and used") {
  for (int i = 0; i < 3; ++i) {
    const std::string word = "job " + std::to_string(i);
    CHECK(scriptJob("echo " + word).body == word + "\n");
  }
}

TEST_CASE_FIXTURE(Trial, "nothing of a job is left for the next") {
  const std::string leave = "echo secret | tee left $HOME/left /tmp/left /var/tmp/left >/dev/null";
  const std::string look = "cat left $HOME/left /tmp/left /var/tmp/left 2>/dev/null; echo looked";
  CHECK(scriptJob(leave).outcome.succeeded());
  CHECK(scriptJob(look).body == "looked\n");
}

}  // namespace
}  // namespace tango::test
