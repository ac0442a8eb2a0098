// No statement may get slower with every job that the store has. SQLite is asked how it would do
// each of those that were prepared, by calling all that there is.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "store/callback_rows.hpp"
#include "store/file_rows.hpp"
#include "store/forgetting.hpp"
#include "store/job_lists.hpp"
#include "store/job_steps.hpp"
#include "store/new_jobs.hpp"
#include "store/service_rows.hpp"
#include "unit/store/fresh_session.hpp"

namespace tango::store {
namespace {

constexpr UnixMillis kNow = 1'795'521'600'000;

void useFiles(sqlite::Connection& db) {
  static_cast<void>(openCourselab(db, "lab", 10));
  static_cast<void>(courselabNames(db));
  static_cast<void>(putFile(db, "lab", "a", {"1", "1", 1}, kNow));
  static_cast<void>(putFile(db, "lab", "a", {"1", "1", 1}, kNow));
  static_cast<void>(putFile(db, "lab", "a", {"2", "2", 1}, kNow));
  static_cast<void>(filesOf(db, "lab"));
  static_cast<void>(knownBlobs(db, {"1"}));
}

void useJobs(Session& session) {
  model::Submission submission;
  submission.courselab = "lab";
  submission.files = {{"a", "a", ""}, {"b", "b", "1"}};
  submission.callback_url = "http://x";
  AddOptions options;
  options.now = kNow;
  options.same_job_window = base::Millis(1'000);
  const Result<AddedJob> added = addJob(session, submission, options);
  REQUIRE(added.ok());
  addRejectedJob(session, submission, {}, kNow);
  const std::int64_t id = added.value().id;
  static_cast<void>(claim(session.db, id));
  JobProgress progress;
  progress.dispatched = kNow;
  note(session.db, id, progress);
  static_cast<void>(requeue(session.db, id, ""));
  static_cast<void>(recoverJobs(session.db, ""));
  model::JobEnd end;
  end.outcome.emplace();
  static_cast<void>(endJob(session, id, end, kNow));
  static_cast<void>(job(session.db, id));
  static_cast<void>(output(session.db, "lab", "o"));
}

void listJobs(sqlite::Connection& db) {
  static_cast<void>(endedJobIds(db, 10));
  using model::JobState;
  using model::Verdict;
  for (const auto& state : {std::optional<JobState>(), std::optional(JobState::kQueued),
                            std::optional(JobState::kRunning), std::optional(JobState::kEnded)}) {
    for (const auto& verdict : {std::optional<Verdict>(), std::optional(Verdict::kFailed)}) {
      for (const auto& courselab : {std::optional<std::string>(), std::optional<std::string>("")}) {
        JobFilter filter;
        filter.state = state;
        filter.verdict = verdict;
        filter.courselab = courselab;
        static_cast<void>(jobs(db, filter));
      }
    }
  }
}

void useTheRest(Session& session) {
  sqlite::Connection& db = session.db;
  static_cast<void>(dueCallbacks(db, kNow, base::Millis(1'000), 1));
  static_cast<void>(nextCallbackDue(db, 0));
  static_cast<void>(callbacks(db));
  static_cast<void>(callbackFailed(db, 1, "", kNow, false));
  callbackSent(db, 1);
  static_cast<void>(resendCallback(db, 1, kNow));
  callbackSent(db, 1);
  static_cast<void>(ownerOf(db));
  static_cast<void>(reserveVmIds(db, 1));
  setPreallocation(db, "a", "b");
  static_cast<void>(preallocations(db));
  addToCounter(db, "a", 1);
  static_cast<void>(counters(db));
  HistoryBounds bounds;
  bounds.ended_jobs_max = 0;
  bounds.files_unused_since = kNow + 1;
  bounds.now = kNow * 2;
  CHECK(forget(session, bounds).jobs.size() == 2);
}

std::vector<std::string> statementsOf(const sqlite::Connection& db) {
  std::vector<std::string> all;
  for (sqlite3_stmt* one = sqlite3_next_stmt(db.handle(), nullptr); one != nullptr;
       one = sqlite3_next_stmt(db.handle(), one)) {
    all.emplace_back(sqlite3_sql(one));
  }
  return all;
}

/// The steps of the plan that look at every row of a table.
std::vector<std::string> scansOf(sqlite::Connection& db, const std::string& sql) {
  std::vector<std::string> scans;
  sqlite::Query query(db, "EXPLAIN QUERY PLAN " + sql);
  while (query.step()) {
    const std::string step = query.text(3);
    if (step.find("SCAN ") != std::string::npos || step.find("TEMP B-TREE") != std::string::npos) {
      scans.push_back(step);
    }
  }
  return scans;
}

/// Scans of a table that stays small, or that is ended after the first few rows.
bool isFine(const std::string& scan, const std::string& sql) {
  static const std::set<std::string_view> small = {
      "SCAN courselab", "SCAN preallocation", "SCAN counter",
      "SCAN service",   "SCAN sqlite_master", "SCAN CONSTANT ROW",
  };
  if (small.contains(scan)) {
    return true;
  }
  const bool newest_first = sql.find("FROM job") != std::string::npos &&
                            sql.find("ORDER BY id DESC LIMIT") != std::string::npos;
  const bool all_callbacks = sql.find("FROM callback JOIN job") != std::string::npos &&
                             sql.find("due <=") == std::string::npos;
  return (scan == "SCAN job" && newest_first) || (scan == "SCAN job USING INDEX job_by_end") ||
         (scan == "SCAN job USING COVERING INDEX job_by_end") ||
         (scan == "SCAN callback USING INDEX callback_due") ||
         (scan == "SCAN callback USING COVERING INDEX callback_due") || all_callbacks;
}

TEST_CASE_FIXTURE(test::FreshSession, "no statement looks at every job, file, or content") {
  useFiles(db());
  useJobs(session());
  listJobs(db());
  useTheRest(session());
  REQUIRE(db().takeResult().ok());
  const std::vector<std::string> all = statementsOf(db());
  CHECK(all.size() > 50);
  for (const std::string& sql : all) {
    for (const std::string& scan : scansOf(db(), sql)) {
      CHECK_MESSAGE(isFine(scan, sql), (scan + "\n  in: " + sql));
    }
  }
  CHECK(db().takeResult().ok());
}

}  // namespace
}  // namespace tango::store
