#include "store/job_lists.hpp"

#include <limits>
#include <optional>
#include <string_view>

#include "store/job_rows.hpp"

namespace tango::store {
namespace {

using base::Error;
using base::ErrorKind;
using model::JobState;

/// The index to go along. Each gives the jobs in the order of their ids, so that a list of the
/// newest ends early. SQLite, left to itself, would not know which of them is short: few jobs are
/// unended, and most have succeeded.
std::string_view indexFor(const JobFilter& filter) {
  if (filter.state && *filter.state != JobState::kEnded) {
    return " INDEXED BY job_by_state";
  }
  if (filter.courselab) {
    return " INDEXED BY job_by_courselab";
  }
  if (filter.verdict) {
    return " INDEXED BY job_by_verdict";
  }
  return filter.state ? " INDEXED BY job_by_state" : " NOT INDEXED";
}

template <class Value>
std::optional<std::string_view> nameOfMaybe(const std::optional<Value>& value) {
  return value ? std::optional(nameOf(*value)) : std::nullopt;
}

}  // namespace

std::string jobsQuery(const JobFilter& filter) {
  std::string sql = "SELECT " + recordColumns() + " FROM job";
  sql += indexFor(filter);
  sql += " WHERE id < ?1";
  // A parameter that does not count is named all the same: their number stays.
  sql += filter.state ? " AND state = ?3" : " AND ?3 IS NULL";
  sql += filter.verdict ? " AND verdict = ?4" : " AND ?4 IS NULL";
  sql += filter.courselab ? " AND courselab = ?5" : " AND ?5 IS NULL";
  sql += " ORDER BY id DESC LIMIT ?2";
  return sql;
}

Result<JobRecord> job(sqlite::Connection& db, std::int64_t id) {
  static const std::string select = "SELECT " + recordColumns() + " FROM job WHERE id = ?1";
  sqlite::Query query(db, select, id);
  if (!query.step()) {
    return Error(ErrorKind::kNotFound, "there is no job " + std::to_string(id));
  }
  JobRecord found = recordOf(query);
  found.submission.files = inputsOf(db, id);
  return found;
}

std::vector<JobRecord> jobs(sqlite::Connection& db, const JobFilter& filter) {
  std::vector<JobRecord> found;
  sqlite::Query query(
      db, jobsQuery(filter), filter.before_id.value_or(std::numeric_limits<std::int64_t>::max()),
      filter.jobs_max, nameOfMaybe(filter.state), nameOfMaybe(filter.verdict), filter.courselab);
  while (query.step()) {
    found.push_back(recordOf(query));
    found.back().submission.files = inputsOf(db, found.back().id);
  }
  return found;
}

std::vector<std::int64_t> endedJobIds(sqlite::Connection& db, std::size_t jobs_max) {
  std::vector<std::int64_t> ids;
  sqlite::Query query(db,
                      "SELECT id FROM job INDEXED BY job_by_state WHERE state = 'ended'"
                      " ORDER BY id DESC LIMIT ?1",
                      jobs_max);
  while (query.step()) {
    ids.push_back(query.integer(0));
  }
  return ids;
}

Result<OutputLookup> output(sqlite::Connection& db, const std::string& courselab,
                            const std::string& output_file) {
  sqlite::Query query(db,
                      "SELECT id, state = 'ended' FROM job INDEXED BY job_by_output"
                      " WHERE courselab = ?1 AND output_file = ?2 AND submission_hash IS NOT NULL"
                      " ORDER BY id DESC LIMIT 1",
                      courselab, output_file);
  if (!query.step()) {
    return Error(ErrorKind::kNotFound, "no job of courselab '" + courselab +
                                           "' has an output file '" + output_file + "'");
  }
  OutputLookup found{.job_id = query.integer(0), .ended = query.integer(1) != 0, .content = {}};
  if (found.ended) {
    found.content = storedOutput(db, found.job_id);
  }
  return found;
}

std::optional<std::string> storedOutput(sqlite::Connection& db, std::int64_t id) {
  sqlite::Query query(db, "SELECT content FROM output WHERE job = ?1", id);
  return query.step() ? std::optional(query.text(0)) : std::nullopt;
}

}  // namespace tango::store
