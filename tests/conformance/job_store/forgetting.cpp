#include <algorithm>
#include <string>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using store::Forgotten;
using store::HistoryBounds;
using Ids = std::vector<std::int64_t>;

/// Bounds that nothing is beyond, with a clock a day later.
HistoryBounds noBounds() {
  HistoryBounds bounds;
  bounds.now = kNoon + kDay;
  return bounds;
}

TEST_CASE_FIXTURE(Trial, "nothing is forgotten that is within its bounds") {
  add();
  addEnded();
  const Forgotten forgotten = get(store().forget(noBounds()));
  CHECK(forgotten.jobs.empty());
  CHECK(forgotten.blobs.empty());
  CHECK(!forgotten.more);
}

TEST_CASE_FIXTURE(Trial, "ended jobs are forgotten for their age, and no others") {
  const std::int64_t old = addEnded(submission(), kNoon - kDay);
  const std::int64_t young = addEnded(submission(), kNoon);
  const std::int64_t queued = add(submission(), kNoon - kDay);
  const std::int64_t rejected = get(store().addRejectedJob(submission(), {"no"}, kNoon - kDay));
  HistoryBounds bounds = noBounds();
  bounds.ended_before = kNoon;
  CHECK(get(store().forget(bounds)).jobs == Ids{old, rejected});
  reopen();
  CHECK(refused(store().job(old)) == ErrorKind::kNotFound);
  CHECK(get(store().jobs({})).size() == 2);
  CHECK(get(store().job(young)).trace.size() == 1);
  CHECK(get(store().job(queued)).submission.files.size() == 2);
}

TEST_CASE_FIXTURE(Trial, "of the ended jobs the newest stay") {
  Ids ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(addEnded(submission(), kNoon + i));
  }
  HistoryBounds bounds = noBounds();
  bounds.ended_jobs_max = 3;
  reopen();
  CHECK(get(store().forget(bounds)).jobs == Ids{ids[0], ids[1]});
  CHECK(get(store().forget(bounds)).jobs.empty());
  bounds.ended_jobs_max = 0;
  CHECK(get(store().forget(bounds)).jobs == Ids{ids[2], ids[3], ids[4]});
}

TEST_CASE_FIXTURE(Trial, "those that end after the clock was set back are not the oldest") {
  Ids ids;
  for (const base::UnixMillis ended : {kNoon, kNoon + 1, kNoon - kDay, kNoon - kDay + 1}) {
    ids.push_back(addEnded(submission(), ended));
  }
  HistoryBounds bounds = noBounds();
  bounds.ended_jobs_max = 3;
  CHECK(get(store().forget(bounds)).jobs == Ids{ids[0]});
  bounds.ended_jobs_max = 2;
  CHECK(get(store().forget(bounds)).jobs == Ids{ids[1]});
  bounds.ended_before = kNoon - kDay + 1;
  CHECK(get(store().forget(bounds)).jobs == Ids{ids[2]});
}

TEST_CASE_FIXTURE(Trial, "what is forgotten takes the output with it that the store kept") {
  const std::int64_t id = add();
  model::JobEnd end = endedAt(kNoon);
  end.output = "output";
  done(store().endJob(id, end, kNoon));
  HistoryBounds bounds = noBounds();
  bounds.ended_jobs_max = 0;
  CHECK(get(store().forget(bounds)).jobs == Ids{id});
  CHECK(!get(store().storedOutput(id)));
}

TEST_CASE_FIXTURE(Trial, "ids grow also when the newest jobs are forgotten") {
  const std::int64_t id = addEnded();
  HistoryBounds bounds = noBounds();
  bounds.ended_jobs_max = 0;
  CHECK(get(store().forget(bounds)).jobs == Ids{id});
  reopen();
  CHECK(add() == id + 1);
}

TEST_CASE_FIXTURE(Trial, "a job whose callback is owed stays until it was sent or given up") {
  model::Submission asked = submission();
  asked.callback_url = "http://autolab";
  const std::int64_t sent = addEnded(asked);
  const std::int64_t lost = addEnded(asked);
  const std::int64_t plain = addEnded();
  HistoryBounds bounds = noBounds();
  bounds.ended_before = kNoon + kDay;
  CHECK(get(store().forget(bounds)).jobs == Ids{plain});
  bounds.ended_jobs_max = 0;
  CHECK(get(store().forget(bounds)).jobs.empty());
  done(store().callbackSent(sent));
  CHECK(get(store().forget(bounds)).jobs == Ids{sent});
  done(store().callbackFailed(lost, "500", kNoon, true));
  CHECK(get(store().forget(bounds)).jobs == Ids{lost});
  CHECK(get(store().callbacks()).empty());
}

TEST_CASE_FIXTURE(Trial, "a job whose callback is owed is not made up for by a newer one") {
  model::Submission asked = submission();
  asked.callback_url = "http://autolab";
  addEnded(asked, kNoon);
  const std::int64_t newer = addEnded(submission(), kNoon + 1);
  HistoryBounds bounds = noBounds();
  bounds.ended_jobs_max = 1;
  CHECK(get(store().forget(bounds)).jobs.empty());
  CHECK(get(store().job(newer)).id == newer);
}

TEST_CASE_FIXTURE(Trial, "it is forgotten in steps") {
  for (int i = 0; i < 5; ++i) {
    addEnded();
  }
  HistoryBounds bounds = noBounds();
  bounds.ended_jobs_max = 0;
  bounds.step_max = 2;
  std::size_t jobs = 0;
  bool more = true;
  for (int steps = 0; more; ++steps) {
    REQUIRE(steps < 10);
    const Forgotten forgotten = get(store().forget(bounds));
    CHECK(forgotten.jobs.size() + forgotten.blobs.size() <= 2);
    jobs += forgotten.jobs.size();
    more = forgotten.more;
  }
  CHECK(jobs == 5);
  bounds.step_max = 0;
  CHECK(!get(store().forget(bounds)).more);
}

TEST_CASE_FIXTURE(Trial, "files that were neither uploaded nor used are forgotten") {
  upload("old.c", 'c', kNoon - kDay);
  upload("used.c", 'd', kNoon - kDay);
  model::Submission job = submission();
  job.files = {{"used.c", "used.c", ""}};
  add(job, kNoon + kHour);
  HistoryBounds bounds = noBounds();
  bounds.files_unused_since = kNoon;
  const Forgotten forgotten = get(store().forget(bounds));
  CHECK(forgotten.blobs == std::vector<std::string>{blobOf('c').sha256});
  const auto files = get(store().files("lab"));
  CHECK(!files.contains("old.c"));
  CHECK(files.contains("used.c"));
  CHECK(files.contains("main.c"));
  CHECK(get(store().knownBlobs({blobOf('c').sha256})).empty());
}

TEST_CASE_FIXTURE(Trial, "content goes when its name is given to other content") {
  upload("main.c", 'c');
  CHECK(get(store().forget(noBounds())).blobs == std::vector<std::string>{blobOf('a').sha256});
  CHECK(get(store().forget(noBounds())).blobs.empty());
}

TEST_CASE_FIXTURE(Trial, "content stays while a name or an unended job has it") {
  const std::int64_t first = add();
  model::Submission twice = submission();
  twice.files.push_back({"main.c", "again.c", ""});
  const std::int64_t second = add(twice);
  upload("main.c", 'c');
  CHECK(get(store().forget(noBounds())).blobs.empty());
  done(store().endJob(first, endedAt(kNoon), kNoon));
  CHECK(get(store().forget(noBounds())).blobs.empty());
  begin(second, kNoon);
  done(store().requeue(second, "back"));
  CHECK(get(store().forget(noBounds())).blobs.empty());
  reopen();
  done(store().endJob(second, endedAt(kNoon), kNoon));
  CHECK(get(store().forget(noBounds())).blobs == std::vector<std::string>{blobOf('a').sha256});
  CHECK(get(store().job(first)).submission.files[0].sha256 == blobOf('a').sha256);
}

TEST_CASE_FIXTURE(Trial, "content without a name has an hour to be used") {
  done(store().putBlob(blobOf('d'), kNoon));
  done(store().putBlob(blobOf('e'), kNoon));
  HistoryBounds bounds = noBounds();
  bounds.now = kNoon + kHour;
  CHECK(get(store().forget(bounds)).blobs.empty());
  done(store().putBlob(blobOf('e'), kNoon + 1));
  bounds.now = kNoon + kHour + 1;
  CHECK(get(store().forget(bounds)).blobs == std::vector<std::string>{blobOf('d').sha256});
  model::Submission job = submission();
  job.files = {{"e", "e", blobOf('e').sha256}};
  const std::int64_t id = add(job);
  CHECK(get(store().forget(noBounds())).blobs.empty());
  done(store().endJob(id, endedAt(kNoon), kNoon));
  CHECK(get(store().forget(noBounds())).blobs == std::vector<std::string>{blobOf('e').sha256});
}

TEST_CASE_FIXTURE(Trial, "a rejected job keeps no content") {
  model::Submission job = submission();
  job.files[0].sha256 = blobOf('a').sha256;
  static_cast<void>(get(store().addRejectedJob(job, {"no"}, kNoon)));
  upload("main.c", 'c');
  CHECK(get(store().forget(noBounds())).blobs == std::vector<std::string>{blobOf('a').sha256});
}

TEST_CASE_FIXTURE(Trial, "content that was forgotten can come again") {
  upload("main.c", 'c');
  CHECK(get(store().forget(noBounds())).blobs.size() == 1);
  upload("main.c", 'a', kNoon + kDay);
  CHECK(get(store().job(add())).submission.files[0].sha256 == blobOf('a').sha256);
}

}  // namespace
}  // namespace tango::test
