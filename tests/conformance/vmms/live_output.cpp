// A job's output can be seen while the job runs.
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

struct Live : Trial {
  std::string seen(const Vm& vm) {
    const Result<std::string> output = liveOutput().getPartialOutput(vm);
    return output ? *output : "";
  }
};

TEST_CASE_FIXTURE(Live, "what a running job has written can be seen") {
  const Vm vm = loaded(script("echo first; sleep 300; echo never"));
  const auto running = begin(vmms().runJob(vm, RunLimits{}));
  goOnUntil([&] { return seen(vm) == "first\n"; }, backend().patience().call,
            "the output was not seen");
  CHECK_FALSE(running.done());
}

TEST_CASE_FIXTURE(Live, "what can be seen of a running job is within its output limit") {
  const Vm vm = loaded(script("seq 1 5000; echo end; sleep 300"));
  RunLimits limits;
  limits.output_bytes = 100;
  const auto running = begin(vmms().runJob(vm, limits));
  goOnUntil([&] { return seen(vm).ends_with("end\n"); }, backend().patience().call,
            "the output's end was not seen");
  CHECK(seen(vm).size() < 200);
  CHECK(seen(vm).starts_with("1\n2\n3\n"));
  CHECK_FALSE(running.done());
}

TEST_CASE_FIXTURE(Live, "the pieces that a listener gets are the whole output") {
  const Vm vm = loaded(script("i=0; while [ $i -lt 50 ]; do echo line $i; i=$((i + 1)); done"));
  std::string heard;
  REQUIRE(answer(liveOutput().onOutput(vm, [&](std::string_view piece) { heard += piece; })) ==
          kOk);
  REQUIRE(answer(runJob(vm)) == kOk);
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "line " + std::to_string(i) + "\n";
  }
  CHECK(heard == all);
}

TEST_CASE_FIXTURE(Live, "a listener hears the job while it runs") {
  const Vm vm = loaded(script("echo early; sleep 300"));
  std::string heard;
  REQUIRE(answer(liveOutput().onOutput(vm, [&](std::string_view piece) { heard += piece; })) ==
          kOk);
  const auto running = begin(vmms().runJob(vm, RunLimits{}));
  goOnUntil([&] { return heard == "early\n"; }, backend().patience().call, "nothing was heard");
  CHECK_FALSE(running.done());
  CHECK(answer(destroyVM(vm)) == kOk);
}

TEST_CASE_FIXTURE(Live, "no output can be seen but while a job runs") {
  CHECK(answer(liveOutput().getPartialOutput(Vm{freshName()})) == kNotFound);
  const Vm vm = loaded(script("echo output"));
  CHECK(answer(liveOutput().getPartialOutput(vm)) == kNotFound);
  REQUIRE(answer(runJob(vm)) == kOk);
  CHECK(answer(liveOutput().getPartialOutput(vm)) == kNotFound);
  REQUIRE(answer(safeDestroyVM(vm)) == kOk);
  CHECK(answer(liveOutput().getPartialOutput(vm)) == kNotFound);
}

TEST_CASE_FIXTURE(Live, "no output can be seen of a job that was cancelled") {
  const Vm vm = loaded(script("echo output; sleep 300"));
  auto running = begin(vmms().runJob(vm, RunLimits{}));
  goOnUntil([&] { return seen(vm) == "output\n"; }, backend().patience().call,
            "the output was not seen");
  REQUIRE(answer(destroyVM(vm)) == kOk);
  checkStopped(running);
  CHECK(answer(liveOutput().getPartialOutput(vm)) == kNotFound);
}

TEST_CASE_FIXTURE(Live, "a VM that never was cannot be listened to") {
  CHECK(answer(liveOutput().onOutput(Vm{freshName()}, [](std::string_view) {})) == kNotFound);
}

}  // namespace
}  // namespace tango::test
