// A job that begins while its acceptance is on its way to the disk.
#include <utility>

#include <doctest/doctest.h>

#include "unit/scheduler/bench.hpp"

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using model::JobState;
using model::Verdict;
using test::SimAnswer;
using test::SimMethod;

TEST_CASE("a job that can begin at once does not wait for the disk, but its end does") {
  Bench bench;
  const auto durable = bench.slowDisk();
  bench.add();
  while (bench.service->advance()) {
  }
  CHECK(bench.service->vmms("sim").script().count(SimMethod::kCopyOut) == 1);
  CHECK(bench.service->scheduler().running() == 1);
  CHECK(bench.job(1).state == JobState::kQueued);
  CHECK(bench.trace(1).size() == 1);
  CHECK(bench.service->told().empty());
  durable->set();
  bench.service->settle();
  CHECK(bench.job(1).verdict == Verdict::kSucceeded);
  CHECK(bench.service->told() == std::vector<std::int64_t>{1});
  CHECK(bench.service->vmms("sim").script().count(SimMethod::kRunJob) == 1);
  CHECK(bench.service->scheduler().counters().job_requests == 1);
}

TEST_CASE("a job that began before its acceptance is shown as a running one once it is accepted") {
  Bench bench;
  const auto durable = bench.slowDisk();
  bench.add();
  bench.service->run(
      bench.service->scheduler().waitEnded(1, bench.disk.clock->now() + Millis(500)));
  CHECK(bench.job(1).state == JobState::kQueued);
  durable->set();
  bench.untilShown(1);
  CHECK(bench.untilEnded(1));
}

TEST_CASE("a job that began and was not accepted after all leaves nothing") {
  Bench bench;
  const auto durable = bench.slowDisk();
  bool full = true;
  bench.service->store().failBy([&full]() -> std::optional<Error> {
    return std::exchange(full, false)
               ? std::optional(Error(ErrorKind::kTooLarge, "the disk is full"))
               : std::nullopt;
  });
  bench.add();
  CHECK(bench.service->vmms("sim").script().count(SimMethod::kRunJob) == 1);
  durable->set();
  bench.service->settle();
  CHECK(bench.service->scheduler().running() == 0);
  CHECK(bench.service->vmms("sim").machines() == 0);
  CHECK(bench.disk.jobs->jobs.empty());
  bench.add();
  CHECK(bench.untilEnded(2));
  CHECK(bench.service->told() == std::vector<std::int64_t>{2});
  CHECK(bench.service->scheduler().counters().job_requests == 1);
}

TEST_CASE("a job that began before its acceptance can be cancelled, and ends when it is accepted") {
  Bench bench;
  const auto durable = bench.slowDisk();
  bench.add();
  bench.service->cancel(1);
  bench.service->settle();
  CHECK(bench.service->vmms("sim").machines() == 0);
  CHECK(bench.service->told().empty());
  durable->set();
  bench.service->settle();
  CHECK(bench.job(1).verdict == Verdict::kCancelled);
  CHECK(bench.service->told() == std::vector<std::int64_t>{1});
}

TEST_CASE("a service that stops before a job is accepted that runs hands it back") {
  Bench bench;
  const auto durable = bench.slowDisk();
  bench.add();
  bench.service->vmms("sim").script().answerBy([&durable](const test::SimCall& call) {
    if (call.method == SimMethod::kDestroyVM) {
      durable->set();
    }
    return SimAnswer{};
  });
  bench.service->stop(Millis(500));
  CHECK(bench.job(1).state == JobState::kQueued);
  CHECK(bench.service->told().empty());
}

}  // namespace
}  // namespace tango::scheduler
