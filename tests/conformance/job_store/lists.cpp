#include <string>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using model::JobState;
using model::Verdict;
using store::JobFilter;

using Ids = std::vector<std::int64_t>;

/// Ten jobs: of two courselabs by turns; the first four ended, two as succeeded, two as failed; one
/// running; the rest queued.
class ManyJobs : public Trial {
 public:
  ManyJobs() {
    static_cast<void>(get(store().openCourselab("other", 1)));
    for (int i = 0; i < 10; ++i) {
      model::Submission job = submission();
      job.courselab = i % 2 == 0 ? "lab" : "other";
      job.files.clear();
      ids_.push_back(add(job));
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const Verdict verdict = i < 2 ? Verdict::kSucceeded : Verdict::kFailed;
      done(store().endJob(ids_[i], endedAt(kNoon - static_cast<int>(i), verdict), kNoon));
    }
    begin(ids_[4], kNoon);
  }

  Ids list(const JobFilter& filter) {
    Ids found;
    for (const model::JobRecord& job : get(store().jobs(filter))) {
      found.push_back(job.id);
    }
    return found;
  }
  /// The ids of the jobs of these numbers.
  [[nodiscard]] Ids of(const std::vector<std::size_t>& numbers) const {
    Ids found;
    for (const std::size_t number : numbers) {
      found.push_back(ids_[number]);
    }
    return found;
  }

 private:
  Ids ids_;
};

TEST_CASE_FIXTURE(ManyJobs, "jobs are listed newest first") {
  CHECK(list({}) == of({9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
  JobFilter few;
  few.jobs_max = 3;
  CHECK(list(few) == of({9, 8, 7}));
  few.before_id = list(few).back();
  CHECK(list(few) == of({6, 5, 4}));
  few.jobs_max = 0;
  CHECK(list(few).empty());
}

TEST_CASE_FIXTURE(ManyJobs, "jobs are listed by state, verdict and courselab, in any company") {
  JobFilter filter;
  SUBCASE("queued") {
    filter.state = JobState::kQueued;
    CHECK(list(filter) == of({9, 8, 7, 6, 5}));
    filter.courselab = "lab";
    CHECK(list(filter) == of({8, 6}));
    filter.verdict = Verdict::kFailed;
    CHECK(list(filter).empty());
  }
  SUBCASE("running") {
    filter.state = JobState::kRunning;
    CHECK(list(filter) == of({4}));
    filter.courselab = "other";
    CHECK(list(filter).empty());
  }
  SUBCASE("ended") {
    filter.state = JobState::kEnded;
    CHECK(list(filter) == of({3, 2, 1, 0}));
    filter.courselab = "other";
    CHECK(list(filter) == of({3, 1}));
    filter.verdict = Verdict::kFailed;
    CHECK(list(filter) == of({3}));
  }
  SUBCASE("by verdict") {
    filter.verdict = Verdict::kSucceeded;
    CHECK(list(filter) == of({1, 0}));
    filter.before_id = of({1}).front();
    CHECK(list(filter) == of({0}));
    filter.courselab = "other";
    CHECK(list(filter).empty());
  }
  SUBCASE("by courselab") {
    filter.courselab = "lab";
    CHECK(list(filter) == of({8, 6, 4, 2, 0}));
    filter.courselab = "none";
    CHECK(list(filter).empty());
  }
}

TEST_CASE_FIXTURE(ManyJobs, "the ids of the ended jobs are listed newest first") {
  CHECK(get(store().endedJobIds(100)) == of({3, 2, 1, 0}));
  CHECK(get(store().endedJobIds(2)) == of({3, 2}));
  CHECK(get(store().endedJobIds(0)).empty());
}

TEST_CASE_FIXTURE(Trial, "a listed job has its trace and its inputs") {
  add();
  const auto jobs = get(store().jobs({}));
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].trace.size() == 1);
  REQUIRE(jobs[0].submission.files.size() == 2);
  CHECK(jobs[0].submission.files[1].sha256 == blobOf('b').sha256);
}

TEST_CASE_FIXTURE(Trial, "a job that is not there is not found") {
  CHECK(refused(store().job(1)) == ErrorKind::kNotFound);
  CHECK(refused(store().job(0)) == ErrorKind::kNotFound);
  CHECK(refused(store().job(-5)) == ErrorKind::kNotFound);
}

}  // namespace
}  // namespace tango::test
