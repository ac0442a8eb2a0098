#include <string>
#include <utility>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using model::JobRecord;
using model::JobState;
using store::JobProgress;
using store::WaitingJob;

TEST_CASE_FIXTURE(Trial, "who claims a queued job gets all of it") {
  model::Submission asked = submission();
  asked.access_key = "secret";
  const std::int64_t id = add(asked);
  const JobRecord job = get(store().claim(id));
  CHECK(job.state == JobState::kQueued);
  CHECK(job.times.added == kNoon);
  CHECK(job.submission.access_key == "secret");
  REQUIRE(job.submission.files.size() == 2);
  CHECK(job.submission.files[0].sha256 == blobOf('a').sha256);
  CHECK(job.trace.size() == 1);
  begin(id, kNoon + 5);
  CHECK(get(store().job(id)).times.dispatched == kNoon + 5);
  CHECK(refused(store().claim(id)) == ErrorKind::kExists);
  CHECK(refused(store().claim(id + 1)) == ErrorKind::kNotFound);
  CHECK(refused(store().claim(-1)) == ErrorKind::kNotFound);
  done(store().endJob(id, endedAt(kNoon), kNoon));
  CHECK(refused(store().claim(id)) == ErrorKind::kExists);
}

TEST_CASE_FIXTURE(Trial, "only what a note sets is changed") {
  const std::int64_t id = add();
  begin(id, kNoon);
  store().note(id, {.dispatched = {},
                    .retries = {},
                    .vm_name = "local-1000-host",
                    .vm_id = 1000,
                    .trace = {"one"}});
  store().note(id, {.dispatched = {},
                    .retries = 1,
                    .vm_name = {},
                    .vm_id = {},
                    .trace = {"two\nlines", "t\\hree"}});
  store().note(id, {});
  store().note(
      id + 1,
      {.dispatched = {}, .retries = 7, .vm_name = {}, .vm_id = {}, .trace = {"no such job"}});
  reopen();
  const JobRecord job = get(store().job(id));
  CHECK(job.retries == 1);
  CHECK(job.vm_name == "local-1000-host");
  CHECK(job.vm_id == 1000);
  REQUIRE(job.trace.size() == 4);
  CHECK(job.trace[1] == "one");
  CHECK(job.trace[2] == "two\nlines");
  CHECK(job.trace[3] == "t\\hree");
}

TEST_CASE_FIXTURE(Trial, "a note comes before the end that follows it, and none after") {
  const std::int64_t id = add();
  store().note(id,
               {.dispatched = {}, .retries = 1, .vm_name = "vm", .vm_id = {}, .trace = {"noted"}});
  model::JobEnd end = endedAt(kNoon);
  end.trace = {"ended"};
  auto ending = store().endJob(id, end, kNoon);
  store().note(
      id, {.dispatched = {}, .retries = 9, .vm_name = "late", .vm_id = {}, .trace = {"too late"}});
  done(std::move(ending));
  reopen();
  const JobRecord job = get(store().job(id));
  CHECK(job.vm_name == "vm");
  REQUIRE(job.trace.size() == 3);
  CHECK(job.trace[1] == "noted");
  CHECK(job.trace[2] == "ended");
}

TEST_CASE_FIXTURE(Trial, "a note is stored soon, also when nothing else happens") {
  const std::int64_t id = add();
  store().note(id, {.dispatched = {}, .retries = 1, .vm_name = {}, .vm_id = {}, .trace = {}});
  while (get(store().job(id)).retries != 1) {
  }
}

TEST_CASE_FIXTURE(Trial, "a job goes back to the queue, with a line that says so") {
  const std::int64_t id = add();
  done(store().requeue(id, "not noted"));
  CHECK(get(store().job(id)).trace.back() == "not noted");
  CHECK(refused(store().requeue(id + 1, "no")) == ErrorKind::kNotFound);
  begin(id, kNoon);
  done(store().requeue(id, "back"));
  JobRecord job = get(store().job(id));
  CHECK(job.state == JobState::kQueued);
  CHECK(job.trace.back() == "back");
  begin(id, kNoon + 9);
  CHECK(get(store().job(id)).times.dispatched == kNoon + 9);
  done(store().endJob(id, endedAt(kNoon), kNoon));
  CHECK(refused(store().requeue(id, "no")) == ErrorKind::kExists);
}

TEST_CASE_FIXTURE(Trial, "a starting service gets all jobs that have not ended, in order") {
  model::Submission asked = submission();
  asked.machine = {.image = "big",
                   .cpu_millis = 1,
                   .memory_bytes = 2,
                   .disk_bytes = 3,
                   .disk_inodes = 4,
                   .io_bytes_per_second = 5,
                   .network = true,
                   .account = {"key id", "key"}};
  asked.access_key_id = "key id";
  asked.access_key = "key";
  asked.name = "%ID%";
  asked.vmms = "docker";
  const std::int64_t running = add(asked);
  const std::int64_t ended = addEnded();
  const std::int64_t queued = add();
  begin(running, kNoon);
  reopen();
  const std::vector<WaitingJob> waiting = get(store().recoverJobs("again %NAME%:%ID%"));
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].id == running);
  CHECK(waiting[0].courselab == "lab");
  CHECK(waiting[0].vmms == "docker");
  CHECK(waiting[0].machine == asked.machine);
  CHECK(waiting[1].id == queued);
  const JobRecord job = get(store().job(running));
  CHECK(job.state == JobState::kQueued);
  CHECK(job.trace.back() == "again %ID%:" + std::to_string(running));
  CHECK(get(store().job(queued)).trace.size() == 1);
  CHECK(get(store().job(ended)).trace.size() == 1);
  CHECK(get(store().recoverJobs("again")).size() == 2);
}

TEST_CASE_FIXTURE(Trial, "a new store has nothing to run") {
  CHECK(get(store().recoverJobs("again")).empty());
}

}  // namespace
}  // namespace tango::test
