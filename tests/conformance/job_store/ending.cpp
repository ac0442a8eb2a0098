#include <chrono>
#include <string>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using model::JobEnd;
using model::JobRecord;
using model::JobState;
using model::Limit;
using model::RunOutcome;
using model::Verdict;
using std::chrono::microseconds;

JobEnd fullEnd() {
  JobEnd end;
  end.verdict = Verdict::kLimit;
  end.verdict_text = "Error: Job timed out after 10 seconds";
  end.retries = 2;
  end.vm_name = "local-1000-host";
  end.vm_id = 1000;
  end.times = {.added = 1,
               .dispatched = kNoon + 1,
               .vm_ready = kNoon + 2,
               .started = kNoon + 3,
               .finished = kNoon + 4,
               .ended = kNoon + 5};
  end.phases.queued = microseconds(1'000);
  end.phases.vm_wait = microseconds(0);
  end.phases.copy_in = microseconds(1);
  end.phases.run = microseconds(10'000'001);
  end.output_bytes = 1'000;
  end.trace = {"one", "two"};
  RunOutcome outcome;
  outcome.signal = 9;
  outcome.ended_by = Limit::kWallTime;
  outcome.output_elided = true;
  outcome.oom_kills = 3;
  outcome.usage.wall_time = microseconds(10'000'001);
  outcome.usage.user_time = microseconds(5);
  outcome.usage.memory_peak_bytes = 6;
  outcome.usage.disk_inodes = 0;
  outcome.usage.output_bytes = 7;
  end.outcome = outcome;
  return end;
}

TEST_CASE_FIXTURE(Trial, "an ended job tells how it ended") {
  const std::int64_t id = add();
  begin(id, kNoon);
  done(store().endJob(id, fullEnd(), kNoon));
  reopen();
  const JobRecord job = get(store().job(id));
  CHECK(job.state == JobState::kEnded);
  CHECK(job.verdict == Verdict::kLimit);
  CHECK(job.verdict_text == "Error: Job timed out after 10 seconds");
  CHECK(job.retries == 2);
  CHECK(job.vm_name == "local-1000-host");
  CHECK(job.vm_id == 1000);
  CHECK(job.times.added == kNoon);
  CHECK(job.times.dispatched == kNoon + 1);
  CHECK(job.times.vm_ready == kNoon + 2);
  CHECK(job.times.started == kNoon + 3);
  CHECK(job.times.finished == kNoon + 4);
  CHECK(job.times.ended == kNoon + 5);
  CHECK(job.phases.queued == microseconds(1'000));
  CHECK(job.phases.vm_wait == microseconds(0));
  CHECK(job.phases.copy_in == microseconds(1));
  CHECK(job.phases.run == microseconds(10'000'001));
  CHECK(!job.phases.copy_out);
  CHECK(!job.phases.publish);
  CHECK(job.output_bytes == 1'000);
  CHECK(job.trace.size() == 3);
  CHECK(job.submission.files.size() == 2);
  CHECK(job.submission.files[0].sha256 == blobOf('a').sha256);
}

TEST_CASE_FIXTURE(Trial, "an ended job tells what its program did, and what is not known of it") {
  const std::int64_t id = add();
  done(store().endJob(id, fullEnd(), kNoon));
  const JobRecord job = get(store().job(id));
  REQUIRE(job.outcome);
  CHECK(!job.outcome->exit_status);
  CHECK(job.outcome->signal == 9);
  CHECK(job.outcome->ended_by == Limit::kWallTime);
  CHECK(job.outcome->output_elided);
  CHECK(job.outcome->oom_kills == 3);
  const model::Usage& usage = job.outcome->usage;
  CHECK(usage.wall_time == microseconds(10'000'001));
  CHECK(usage.user_time == microseconds(5));
  CHECK(!usage.system_time);
  CHECK(usage.memory_peak_bytes == 6);
  CHECK(!usage.processes_peak);
  CHECK(!usage.disk_bytes);
  CHECK(usage.disk_inodes == 0);
  CHECK(usage.output_bytes == 7);
}

TEST_CASE_FIXTURE(Trial, "every verdict and every limit comes back as what it was") {
  for (const Verdict verdict : {Verdict::kSucceeded, Verdict::kFailed, Verdict::kLimit,
                                Verdict::kInternalError, Verdict::kCancelled}) {
    const std::int64_t id = add();
    done(store().endJob(id, endedAt(kNoon, verdict), kNoon));
    CHECK(get(store().job(id)).verdict == verdict);
    CHECK(!get(store().job(id)).outcome);
  }
  for (const Limit limit : {Limit::kWallTime, Limit::kCpuTime, Limit::kMemory, Limit::kProcesses,
                            Limit::kDisk, Limit::kOutput}) {
    const std::int64_t id = add();
    JobEnd end = fullEnd();
    end.outcome->ended_by = limit;
    done(store().endJob(id, end, kNoon));
    CHECK(get(store().job(id)).outcome->ended_by == limit);
  }
}

TEST_CASE_FIXTURE(Trial, "a time that an end does not tell stays what it was") {
  const std::int64_t id = add();
  begin(id, kNoon + 7);
  done(store().endJob(id, endedAt(kNoon + 8), kNoon));
  const JobRecord job = get(store().job(id));
  CHECK(job.times.dispatched == kNoon + 7);
  CHECK(job.times.started == 0);
}

TEST_CASE_FIXTURE(Trial, "how long its publication took is noted behind a job's end") {
  const std::int64_t id = add();
  store().notePublished(id, microseconds(1));
  done(store().endJob(id, fullEnd(), kNoon));
  CHECK(!get(store().job(id)).phases.publish);
  store().notePublished(id, microseconds(2));
  store().notePublished(id + 1, microseconds(3));
  reopen();
  CHECK(get(store().job(id)).phases.publish == microseconds(2));
}

TEST_CASE_FIXTURE(Trial, "a job ends once") {
  const std::int64_t id = add();
  done(store().endJob(id, endedAt(kNoon, Verdict::kCancelled), kNoon));
  CHECK(refused(store().endJob(id, fullEnd(), kNoon)) == ErrorKind::kExists);
  CHECK(get(store().job(id)).verdict == Verdict::kCancelled);
  CHECK(!get(store().job(id)).outcome);
  CHECK(refused(store().endJob(id + 1, fullEnd(), kNoon)) == ErrorKind::kNotFound);
}

TEST_CASE_FIXTURE(Trial, "of two ends at once the first counts, and one callback is owed") {
  model::Submission asked = submission();
  asked.callback_url = "http://autolab";
  const std::int64_t id = add(asked);
  auto first = store().endJob(id, endedAt(kNoon, Verdict::kFailed), kNoon);
  auto second = store().endJob(id, endedAt(kNoon, Verdict::kSucceeded), kNoon);
  CHECK(refused(std::move(second)) == ErrorKind::kExists);
  done(std::move(first));
  CHECK(get(store().job(id)).verdict == Verdict::kFailed);
  CHECK(get(store().callbacks()).size() == 1);
}

TEST_CASE_FIXTURE(Trial, "an ended job keeps no secrets") {
  model::Submission asked = submission();
  asked.access_key_id = "key id";
  asked.access_key = "secret";
  asked.machine.account = {"key id", "secret"};
  const std::int64_t id = add(asked);
  done(store().endJob(id, endedAt(kNoon), kNoon));
  CHECK(get(store().job(id)).submission.access_key_id.empty());
  CHECK(get(store().job(id)).submission.access_key.empty());
  CHECK_FALSE(get(store().job(id)).submission.machine.account.isSet());
}

}  // namespace
}  // namespace tango::test
