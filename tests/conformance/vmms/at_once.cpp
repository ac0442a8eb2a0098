// Many VMs at once, each on its own.
#include <vector>

#include "base/clock.hpp"
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

TEST_CASE_FIXTURE(Trial, "the files of several VMs do not mix") {
  const Vm first = loaded(script("test ! -e only-second && cat only-first"));
  const Vm second = ready();
  InputFiles files = script("test ! -e only-first && cat only-second");
  files.push_back(file("only-second", "second\n"));
  REQUIRE(answer(copyIn(second, files)) == kOk);
  const Result<RunOutcome> with_second = runJob(second);
  const Result<RunOutcome> without_first = runJob(first);
  REQUIRE(answer(with_second) == kOk);
  REQUIRE(answer(without_first) == kOk);
  CHECK(with_second->exit_status == 0);
  CHECK(without_first->exit_status == 2);  // it has no only-first
}

TEST_CASE_FIXTURE(Trial, "eight jobs at once all come out right") {
  constexpr int kJobs = 8;
  std::vector<Pending<Result<RanJob>>> jobs;
  for (int i = 0; i < kJobs; ++i) {
    InputFiles files = script("cat word; sleep 0.2; cat word >&2; exit $(cat word)");
    files.push_back(file("word", std::to_string(i) + "\n"));
    jobs.push_back(begin(wholeLife(std::move(files), RunLimits{}, spec())));
  }
  for (int i = 0; i < kJobs; ++i) {
    CAPTURE(i);
    const Result<RanJob> ran = finish(jobs[static_cast<std::size_t>(i)]);
    REQUIRE(answer(ran) == kOk);
    const std::string word = std::to_string(i) + "\n";
    CHECK(ran->body.starts_with(word + word));
    CHECK(ran->outcome.exit_status == (i == 0 ? 0 : 2));
  }
}

TEST_CASE_FIXTURE(Trial, "a slow job does not hold up a fast one") {
  const Vm slow = loaded(script("sleep 300"));
  const auto running = begin(vmms().runJob(slow, RunLimits{}));
  goOnFor(backend().patience().started);
  CHECK(scriptJob("echo fast").body == "fast\n");
  CHECK_FALSE(running.done());
}

TEST_CASE_FIXTURE(Trial, "a job over its wall time does not take the time of another") {
  RunLimits limits;
  limits.wall_time = Millis(1000);
  const auto late = begin(wholeLife(script("sleep 300"), limits, spec()));
  const auto in_time = begin(wholeLife(script("sleep 1.5; echo in time"), RunLimits{}, spec()));
  const Result<RanJob> first = finish(late);
  const Result<RanJob> second = finish(in_time);
  REQUIRE(answer(first) == kOk);
  REQUIRE(answer(second) == kOk);
  CHECK(first->outcome.timedOut());
  CHECK(second->outcome.succeeded());
  CHECK(second->body == "in time\n");
}

TEST_CASE_FIXTURE(Trial, "a job cannot see or end the processes of another") {
  const Vm slow = loaded(script("sleep 0.8; exit 0"));
  const auto running = begin(vmms().runJob(slow, RunLimits{}));
  goOnFor(backend().patience().started);
  CHECK_FALSE(scriptJob("kill -9 -1; exit 0").outcome.timedOut());
  const Result<RunOutcome> outcome = finish(running);
  REQUIRE(answer(outcome) == kOk);
  CHECK(outcome->succeeded());
}

}  // namespace
}  // namespace tango::test
