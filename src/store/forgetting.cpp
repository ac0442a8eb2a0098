#include "store/forgetting.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "store/file_rows.hpp"

namespace tango::store {
namespace {

/// Content that was put in place not longer ago is about to be used.
constexpr UnixMillis kYoungMs = 3'600'000;

/// Ended jobs beyond the bounds, those that ended first first.
std::vector<std::int64_t> jobsBeyond(Session& session, const HistoryBounds& bounds) {
  const std::uint64_t ended = session.totals.ended_jobs;
  const std::uint64_t excess = ended > bounds.ended_jobs_max ? ended - bounds.ended_jobs_max : 0;
  // A clock that was set back lets new jobs seem to have ended first.
  const std::int64_t old_id_max = session.totals.last_job_id -
                                  static_cast<std::int64_t>(std::min(bounds.ended_jobs_max, ended));
  std::vector<std::int64_t> beyond;
  sqlite::Query query(session.db,
                      "SELECT id, ended, EXISTS (SELECT 1 FROM callback"
                      " WHERE callback.job = job.id AND given_up = 0) FROM job"
                      " WHERE ended IS NOT NULL ORDER BY ended, id");
  std::uint64_t place = 0;
  while (beyond.size() < bounds.step_max && query.step()) {
    const bool over_age = query.integer(1) < bounds.ended_before;
    if (!over_age && place >= excess) {
      break;
    }
    if (!over_age && query.integer(0) > old_id_max) {
      continue;
    }
    ++place;
    const bool owed = query.integer(2) != 0;
    if (!owed) {
      beyond.push_back(query.integer(0));
    }
  }
  return beyond;
}

void forgetJobs(Session& session, const std::vector<std::int64_t>& ids) {
  for (const std::int64_t id : ids) {
    session.db.run("DELETE FROM callback WHERE job = ?1", id);
    session.db.run("DELETE FROM output WHERE job = ?1", id);
    session.db.run("DELETE FROM job_input WHERE job = ?1", id);
    session.db.run("DELETE FROM job WHERE id = ?1", id);
  }
  session.totals.ended_jobs -= ids.size();
}

/// Gives how many it were.
std::size_t forgetFiles(sqlite::Connection& db, UnixMillis unused_since, std::size_t files_max) {
  struct Name {
    std::string courselab, file, sha256;
  };
  std::vector<Name> unused;
  {
    sqlite::Query query(db,
                        "SELECT file.courselab, file.name, file.sha256 FROM courselab"
                        " CROSS JOIN file INDEXED BY file_by_use"
                        " ON file.courselab = courselab.name AND file.used < ?1 LIMIT ?2",
                        unused_since, files_max);
    while (query.step()) {
      unused.push_back({query.text(0), query.text(1), query.text(2)});
    }
  }
  for (const Name& name : unused) {
    db.run("DELETE FROM file WHERE courselab = ?1 AND name = ?2", name.courselab, name.file);
    countUser(db, name.sha256, -1);
  }
  return unused.size();
}

std::vector<std::string> forgetBlobs(sqlite::Connection& db, UnixMillis put_before,
                                     std::size_t blobs_max) {
  std::vector<std::string> unused;
  {
    sqlite::Query query(db,
                        "SELECT sha256 FROM blob INDEXED BY blob_unused"
                        " WHERE users = 0 AND put < ?1 ORDER BY put LIMIT ?2",
                        put_before, blobs_max);
    while (query.step()) {
      unused.push_back(query.text(0));
    }
  }
  for (const std::string& sha256 : unused) {
    db.run("DELETE FROM blob WHERE sha256 = ?1", sha256);
  }
  return unused;
}

}  // namespace

Forgotten forget(Session& session, const HistoryBounds& bounds) {
  const UnixMillis now = bounds.now != 0 ? bounds.now : base::unixNow();
  Forgotten forgotten;
  forgotten.jobs = jobsBeyond(session, bounds);
  forgetJobs(session, forgotten.jobs);
  std::size_t left = bounds.step_max - forgotten.jobs.size();
  if (bounds.files_unused_since != 0) {
    left -= forgetFiles(session.db, bounds.files_unused_since, left);
  }
  forgotten.blobs = forgetBlobs(session.db, now - kYoungMs, left);
  left -= forgotten.blobs.size();
  forgotten.more = left == 0 && bounds.step_max > 0;
  return forgotten;
}

}  // namespace tango::store
