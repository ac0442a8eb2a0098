#include "scheduler/scheduler.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "files/job_output.hpp"
#include "unit/scheduler/bench.hpp"

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using model::JobRecord;
using model::JobState;
using model::Verdict;
using test::SimAnswer;
using test::SimMethod;

TEST_CASE("a good job leaves the trace, the output and the end that clients know") {
  Bench bench;
  bench.add();
  bench.untilShown(1);
  CHECK(bench.job(1).vm_name == "local-1000-img");
  CHECK(bench.job(1).vm_id == 1000);
  CHECK(bench.untilEnded(1));
  CHECK(bench.trace(1) ==
        std::vector<std::string>{
            "Added job job:1 to queue", "Dispatched job job:1 [try 0]",
            "Assigned job job:1 new VM local-1000-img", "Job job:1 waiting for VM local-1000-img",
            "VM local-1000-img ready for job job:1", "Input copied for job job:1 [status=0]",
            "Job job:1 executed [status=0]", "Output copied for job job:1 [status=0]",
            "Success: Autodriver returned normally"});
  const JobRecord& job = bench.job(1);
  CHECK(job.verdict == Verdict::kSucceeded);
  CHECK(job.retries == 0);
  const std::optional<std::string> output = bench.service->outputOf(1);
  REQUIRE(output);
  CHECK(output->ends_with("---\nAutodriver: Job exited with status 0\nhello\n"));
  CHECK(job.output_bytes == output->size());
  CHECK(job.times.finished - job.times.started == 1'000);
  CHECK(job.times.ended >= job.times.finished);
  CHECK(bench.service->told() == std::vector<std::int64_t>{1});
}

TEST_CASE("a job that ends soon is stored once, at its end, with all of its way") {
  Bench bench;
  bench.run = [](const test::SimCall&) {
    SimAnswer answer;
    answer.delay = Millis(10);
    return answer;
  };
  bench.add();
  CHECK(bench.job(1).state == JobState::kQueued);
  CHECK(bench.untilEnded(1));
  const JobRecord& job = bench.job(1);
  CHECK(job.vm_name == "local-1000-img");
  CHECK(job.vm_id == 1000);
  CHECK(job.trace.size() == 9);
  CHECK(job.phases.run == Millis(10));
  CHECK(job.phases.vm_wait == Millis(0));
  CHECK(job.phases.publish == Millis(0));
}

TEST_CASE("a job that was begun just before the service was killed runs again") {
  Bench bench;
  bench.add();
  CHECK(bench.job(1).state == JobState::kQueued);
  bench.restart();
  CHECK(bench.trace(1).size() == 1);
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == Verdict::kSucceeded);
  CHECK(bench.disk.jobs->ended.size() == 1);
  CHECK(bench.service->vmms("sim").machines() == 0);
}

TEST_CASE("a callback is due when the job has ended, but not right after it was added") {
  Bench bench;
  model::Submission job = test::simSubmission();
  job.callback_url = "http://client";
  bench.service->add(job);
  bench.service->settle();
  bench.run = [](const test::SimCall&) { return SimAnswer{}; };
  bench.service->add(job);
  bench.service->settle();
  CHECK(bench.untilEnded(2));
  const base::UnixMillis added = bench.job(1).times.added;
  CHECK(bench.disk.jobs->callbacks.at(1).due == added + 1'000);
  CHECK(bench.job(2).times.added == added);
  CHECK(bench.disk.jobs->callbacks.at(2).due == added + 1'000);
}

TEST_CASE("the inputs are the contents that the job pinned") {
  Bench bench;
  model::Submission job = test::simSubmission();
  job.files = {{"a.c", "b.c", std::string(64, 'a')}};
  bench.disk.jobs->blobs[std::string(64, 'a')] = {};
  bench.service->add(job);
  bench.service->settle();
  CHECK(bench.untilEnded(1));
  for (const test::SimCall& call : bench.service->vmms("sim").script().calls()) {
    if (call.method == SimMethod::kCopyIn) {
      REQUIRE(call.files.size() == 1);
      CHECK(call.files[0].local_file == "/blobs/" + std::string(64, 'a'));
      CHECK(call.files[0].dest_file == "b.c");
    }
  }
}

TEST_CASE("what a run came to is its job's verdict") {
  Bench bench;
  SimAnswer answer;
  SUBCASE("make failed") {
    answer.outcome = SimAnswer::exited(2);
    bench.run = [&answer](const test::SimCall&) { return answer; };
    bench.add();
    CHECK(bench.untilEnded(1));
    CHECK(bench.job(1).verdict == Verdict::kFailed);
    CHECK(bench.job(1).outcome->exit_status == 2);
    CHECK(bench.trace(1).back() == "Success: Autodriver returned normally");
  }
  SUBCASE("it took too long") {
    answer.delay = Millis(1'000'000);
    bench.run = [&answer](const test::SimCall&) { return answer; };
    bench.add();
    CHECK(bench.untilEnded(1));
    CHECK(bench.job(1).verdict == Verdict::kLimit);
    CHECK(bench.trace(1).back() == "Error: Job timed out after 60 seconds");
    CHECK(bench.service->scheduler().counters().runjob_timeouts == 1);
  }
  SUBCASE("our machinery failed it, three times") {
    answer.error = Error(ErrorKind::kSystem, "a fault");
    bench.run = [&answer](const test::SimCall&) { return answer; };
    bench.add();
    CHECK(bench.untilEnded(1));
    CHECK(bench.job(1).verdict == Verdict::kInternalError);
    CHECK(bench.job(1).retries == 2);
    CHECK(!bench.job(1).outcome);
    CHECK(bench.service->outputOf(1)->find("Unable to complete job after 2 tries") !=
          std::string::npos);
    CHECK(bench.service->scheduler().counters().runjob_errors == 3);
    CHECK(bench.service->scheduler().counters().job_retries == 2);
  }
}

TEST_CASE("jobs run one after another where there is room for one, and their ranks tell when") {
  Bench bench;
  bench.add(3);
  Scheduler& scheduler = bench.service->scheduler();
  CHECK(scheduler.running() == 1);
  CHECK(scheduler.queued() == 2);
  CHECK(!scheduler.rank(1));
  CHECK(scheduler.rank(2) == 1);
  CHECK(scheduler.rank(3) == 2);
  CHECK(bench.untilEnded(3));
  CHECK(bench.service->told() == std::vector<std::int64_t>{1, 2, 3});
  CHECK(scheduler.counters().job_requests == 3);
}

TEST_CASE("a queued job that is cancelled ends with an output that says so") {
  Bench bench;
  bench.add(2);
  CHECK(bench.service->run(bench.service->scheduler().cancel(2)).ok());
  CHECK(bench.job(2).verdict == Verdict::kCancelled);
  CHECK(bench.trace(2).back() == "Error: Job was cancelled");
  CHECK(bench.service->outputOf(2)->ends_with("]: Error: Job was cancelled\n"));
  CHECK(bench.service->scheduler().queued() == 0);
  CHECK(bench.service->scheduler().running() == 1);
  CHECK(bench.service->told() == std::vector<std::int64_t>{2});
}

TEST_CASE("a running job that is cancelled ends at once, and its room is free") {
  Bench bench;
  bench.add(2);
  const base::Deadline before = bench.disk.clock->now();
  CHECK(bench.service->run(bench.service->scheduler().cancel(1)).ok());
  CHECK(bench.disk.clock->now() == before);
  CHECK(bench.job(1).verdict == Verdict::kCancelled);
  CHECK(bench.job(1).retries == 0);
  bench.service->settle();
  CHECK(bench.service->scheduler().running() == 1);
  CHECK(bench.service->scheduler().queued() == 0);
}

TEST_CASE("a job is cancelled also between its acceptance and its queue") {
  Bench bench;
  bench.add(2);
  const auto durable = bench.slowDisk();
  bench.add();
  bool full = true;
  bench.service->store().failBy([&full]() -> std::optional<Error> {
    return full ? std::optional(Error(ErrorKind::kTooLarge, "the disk is full")) : std::nullopt;
  });
  bench.service->cancel(3);
  bench.service->settle();
  durable->set();
  bench.service->settle();
  full = false;
  CHECK(bench.untilEnded(3));
  CHECK(bench.job(3).verdict == Verdict::kCancelled);
  CHECK(bench.untilEnded(2));
  CHECK(bench.service->vmms("sim").script().count(SimMethod::kRunJob) == 2);
  CHECK(bench.service->told().size() == 3);
}

TEST_CASE("of the jobs that wait only those far behind, and those of many files, are asked for") {
  constexpr std::int64_t kRecordsMax = 1'000;
  Bench bench;
  const std::string content(64, 'a');
  bench.disk.jobs->blobs[content];
  model::Submission large = test::simSubmission();
  large.files.resize(17, {"a", "a", content});
  bench.add();
  bench.service->add(large);
  bench.add(kRecordsMax + 1);
  CHECK(bench.untilEnded(kRecordsMax + 3));
  CHECK(bench.job(3).verdict == Verdict::kSucceeded);
  CHECK(bench.disk.jobs->claims == std::vector<std::int64_t>{2, kRecordsMax + 2, kRecordsMax + 3});
}

TEST_CASE("a job's end waits for company only while others wait for the job's place") {
  Bench bench;
  bench.add(3);
  CHECK(bench.untilEnded(3));
  const std::vector<std::int64_t>& in_company = bench.disk.jobs->ended_in_company;
  REQUIRE(!in_company.empty());
  CHECK(in_company.front() == 1);
  CHECK(in_company.back() < 3);
}

TEST_CASE("only a job that has not ended can be cancelled") {
  Bench bench;
  bench.add();
  CHECK(bench.untilEnded(1));
  CHECK(bench.service->run(bench.service->scheduler().cancel(1)).error().kind() ==
        ErrorKind::kExists);
  CHECK(bench.service->run(bench.service->scheduler().cancel(9)).error().kind() ==
        ErrorKind::kNotFound);
}

TEST_CASE("a service that stops hands back what does not end in time, and the next one runs it") {
  Bench bench;
  bench.add(2);
  bench.service->stop(Millis(500));
  CHECK(bench.job(1).state == JobState::kQueued);
  CHECK(bench.trace(1).back() == "Job job:1 handed back to the queue: the service stops");
  CHECK(bench.service->vmms("sim").machines() == 0);
  CHECK(bench.service->told().empty());
  bench.restart();
  CHECK(bench.untilEnded(2));
  CHECK(bench.service->told() == std::vector<std::int64_t>{1, 2});
  CHECK(bench.job(1).verdict == Verdict::kSucceeded);
}

TEST_CASE("a service that stops lets a job end that needs no longer than it may take") {
  Bench bench;
  bench.add(2);
  bench.service->stop(Millis(1'500));
  CHECK(bench.job(1).verdict == Verdict::kSucceeded);
  CHECK(bench.job(2).state == JobState::kQueued);
  CHECK(bench.trace(2).size() == 1);
}

TEST_CASE("a job that ran when the service was killed runs again") {
  Bench bench;
  bench.add();
  bench.untilShown(1);
  bench.restart();
  CHECK(bench.trace(1).at(4 + 1) == "Input copied for job job:1 [status=0]");
  CHECK(bench.trace(1).at(6).find("back in the queue") != std::string::npos);
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == Verdict::kSucceeded);
  CHECK(bench.disk.jobs->ended.size() == 1);
  CHECK(bench.service->vmms("sim").machines() == 0);
}

TEST_CASE("a job's end that cannot be stored is stored once it can be") {
  Bench bench;
  bench.add();
  bool full = true;
  bench.service->store().failBy([&full]() -> std::optional<Error> {
    return full ? std::optional(Error(ErrorKind::kTooLarge, "the disk is full")) : std::nullopt;
  });
  for (int i = 0; i < 5; ++i) {
    CHECK(bench.service->advance());
  }
  CHECK(bench.job(1).state == JobState::kRunning);
  CHECK(bench.service->told().empty());
  full = false;
  CHECK(bench.untilEnded(1));
  CHECK(bench.service->outputOf(1));
  CHECK(bench.service->vmms("sim").script().count(SimMethod::kRunJob) == 1);
  CHECK(bench.service->told().size() == 1);
}

TEST_CASE("a cancelled job's end that cannot be stored is stored once it can be") {
  Bench bench;
  bench.add(2);
  bool full = true;
  bench.service->store().failBy([&full]() -> std::optional<Error> {
    return full ? std::optional(Error(ErrorKind::kTooLarge, "the disk is full")) : std::nullopt;
  });
  bench.service->cancel(2);
  bench.service->settle();
  CHECK(bench.job(2).state == JobState::kQueued);
  CHECK(bench.service->advance());
  full = false;
  CHECK(bench.untilEnded(2));
  CHECK(bench.job(2).verdict == Verdict::kCancelled);
}

TEST_CASE("a job whose output cannot be written waits until it can be") {
  Bench bench;
  const std::filesystem::path folder = bench.disk.folder.path() / "outputs" / "000000";
  std::ofstream(folder) << "no folder";
  model::Submission job = test::simSubmission();
  job.limits.output_bytes = files::kMemoryOutputBytesMax + 1;
  bench.service->add(job);
  bench.service->settle();
  for (int i = 0; i < 5; ++i) {
    CHECK(bench.service->advance());
  }
  CHECK(bench.job(1).state == JobState::kQueued);
  CHECK(bench.service->scheduler().running() == 1);
  std::filesystem::remove(folder);
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == Verdict::kSucceeded);
}

TEST_CASE("a job that no VM can be large enough for any more ends with a sentence") {
  Bench bench;
  model::Submission job = test::simSubmission();
  job.vmms = "gone";
  static_cast<void>(bench.service->run(bench.service->store().addJob(job, {})));
  bench.restart();
  CHECK(bench.untilEnded(1));
  CHECK(bench.job(1).verdict == Verdict::kInternalError);
  CHECK(bench.job(1).verdict_text == "Error: there is no VMMS 'gone'");
  CHECK(bench.service->outputOf(1)->ends_with("]: Error: there is no VMMS 'gone'\n"));
}

TEST_CASE("who waits for a job's end is told of it, or that time is over") {
  Bench bench;
  bench.add();
  Scheduler& scheduler = bench.service->scheduler();
  const base::Deadline now = bench.disk.clock->now();
  CHECK(!bench.service->run(scheduler.waitEnded(1, now)));
  CHECK(!bench.service->run(scheduler.waitEnded(1, now + Millis(500))));
  CHECK(bench.disk.clock->now() == now + Millis(500));
  CHECK(bench.service->run(scheduler.waitEnded(1, now + Millis(60'000))));
  CHECK(bench.disk.clock->now() < now + Millis(2'000));
  CHECK(bench.service->run(scheduler.waitEnded(1, now)));
  CHECK(bench.service->run(scheduler.waitEnded(99, now)));
}

TEST_CASE("only a running job has a partial output, and only where its VMMS can show it") {
  Bench bench;
  bench.add(2);
  CHECK(bench.service->scheduler().partialOutput(1).error().kind() == ErrorKind::kUnsupported);
  CHECK(bench.service->scheduler().partialOutput(2).error().kind() == ErrorKind::kNotFound);
  CHECK(bench.service->scheduler().partialOutput(9).error().kind() == ErrorKind::kNotFound);
}

}  // namespace
}  // namespace tango::scheduler
