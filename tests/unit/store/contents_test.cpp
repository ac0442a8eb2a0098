// Whatever happens to files and jobs: no content is given away for removal that something still
// has, and none is kept that nothing has.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "store/file_rows.hpp"
#include "store/forgetting.hpp"
#include "store/job_steps.hpp"
#include "store/new_jobs.hpp"
#include "unit/store/fresh_session.hpp"

namespace tango::store {
namespace {

constexpr UnixMillis kStart = 1'795'521'600'000;
constexpr UnixMillis kHour = 3'600'000;

/// What one step does, drawn at random.
struct Step {
  enum Kind {
    kUpload,
    kPutBlob,
    kAddByName,
    kAddByContent,
    kClaim,
    kRequeue,
    kEnd,
    kForget,
    kKinds
  };
  int kind = 0;
  int file = 0;     ///< which of few names
  int content = 0;  ///< which of few contents
  int which = 0;    ///< of the unended jobs
};

/// The store and, beside it, what ought to be in it.
class Model {
 public:
  Model() { static_cast<void>(openCourselab(fresh_.db(), "lab", 0)); }

  void take(const Step& step) {
    now_ += 20 * 60'000;
    const std::string name = "file" + std::to_string(step.file);
    const std::string sha256 = "content" + std::to_string(step.content);
    switch (step.kind) {
      case Step::kUpload:
        RC_ASSERT(putFile(fresh_.db(), "lab", name, {sha256, "", 1}, now_).ok());
        names_[name] = sha256;
        put_[sha256] = now_;
        break;
      case Step::kPutBlob:
        putBlob(fresh_.db(), {sha256, "", 1}, now_);
        put_[sha256] = now_;
        break;
      case Step::kAddByName:
        add({name, name, ""}, names_.contains(name) ? names_[name] : "");
        break;
      case Step::kAddByContent:
        add({name, name, sha256}, put_.contains(sha256) ? sha256 : "");
        break;
      case Step::kForget:
        forgetAndCheck(step.which % 2 == 0 ? 500 : 1);
        break;
      default:
        move(step);
    }
    RC_ASSERT(!fresh_.db().failed());
  }

  /// When all jobs have ended and all names are gone, nothing is left.
  void end() {
    while (!jobs_.empty()) {
      move({Step::kEnd, 0, 0, 0});
    }
    now_ += 2 * kHour;
    names_.clear();
    HistoryBounds bounds = boundsNow(500);
    bounds.files_unused_since = now_;
    const Forgotten forgotten = forget(fresh_.session(), bounds);
    RC_ASSERT(forgotten.blobs.size() == put_.size());
  }

 private:
  void add(model::SubmittedFile file, const std::string& content) {
    model::Submission job;
    job.courselab = "lab";
    job.files = {file, {"twice", "twice", content}};
    AddOptions options;
    options.now = now_;
    const Result<AddedJob> added = addJob(fresh_.session(), job, options);
    RC_ASSERT(added.ok() == !content.empty());
    if (added) {
      jobs_[added.value().id] = content;
    }
  }

  void move(const Step& step) {
    if (jobs_.empty()) {
      return;
    }
    const auto job = std::next(jobs_.begin(), step.which % static_cast<int>(jobs_.size()));
    if (step.kind == Step::kClaim) {
      JobProgress progress;
      progress.dispatched = now_;
      note(fresh_.db(), job->first, progress);
    } else if (step.kind == Step::kRequeue) {
      static_cast<void>(requeue(fresh_.db(), job->first, ""));
    } else {
      model::JobEnd ending;
      ending.times.ended = now_;
      RC_ASSERT(endJob(fresh_.session(), job->first, ending, now_).ok());
      jobs_.erase(job);
    }
  }

  [[nodiscard]] HistoryBounds boundsNow(std::size_t step_max) const {
    HistoryBounds bounds;
    bounds.now = now_;
    bounds.ended_jobs_max = 2;
    bounds.step_max = step_max;
    return bounds;
  }

  void forgetAndCheck(std::size_t step_max) {
    const Forgotten forgotten = forget(fresh_.session(), boundsNow(step_max));
    std::set<std::string> used;
    for (const auto& [name, content] : names_) {
      used.insert(content);
    }
    for (const auto& [id, content] : jobs_) {
      used.insert(content);
    }
    for (const std::int64_t id : forgotten.jobs) {
      RC_ASSERT(!jobs_.contains(id));
    }
    for (const std::string& sha256 : forgotten.blobs) {
      RC_ASSERT(!used.contains(sha256));
      RC_ASSERT(put_.at(sha256) < now_ - kHour);
      put_.erase(sha256);
    }
    for (const auto& [sha256, put] : put_) {
      RC_ASSERT(hasBlob(fresh_.db(), sha256));
      RC_ASSERT((forgotten.more || used.contains(sha256) || put >= now_ - kHour));
    }
  }

  test::FreshSession fresh_;
  UnixMillis now_ = kStart;
  std::map<std::string, std::string> names_;  ///< content by name
  std::map<std::int64_t, std::string> jobs_;  ///< content by unended job
  std::map<std::string, UnixMillis> put_;     ///< when each known content was put last
};

}  // namespace
}  // namespace tango::store

template <>
struct rc::Arbitrary<tango::store::Step> {
  static Gen<tango::store::Step> arbitrary() {
    using tango::store::Step;
    return gen::build<Step>(gen::set(&Step::kind, gen::inRange<int>(0, Step::kKinds)),
                            gen::set(&Step::file, gen::inRange(0, 4)),
                            gen::set(&Step::content, gen::inRange(0, 5)),
                            gen::set(&Step::which, gen::inRange(0, 10)));
  }
};

namespace tango::store {
namespace {

TEST_CASE("no content is given away that something has, and none is kept that nothing has") {
  CHECK(rc::check([] {
    Model model;
    const auto steps = *rc::gen::container<std::vector<Step>>(rc::gen::arbitrary<Step>());
    for (const Step& step : steps) {
      model.take(step);
    }
    model.end();
  }));
}

}  // namespace
}  // namespace tango::store
