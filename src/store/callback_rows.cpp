#include "store/callback_rows.hpp"

#include <string>
#include <string_view>

#include "model/job_record.hpp"

namespace tango::store {
namespace {

using base::Error;
using base::ErrorKind;

/// The callbacks that `rest` of the SELECT asks for, behind those that are there.
template <class... Parameters>
void append(std::vector<Callback>& found, sqlite::Connection& db, std::string_view rest,
            const Parameters&... parameters) {
  std::string select(
      "SELECT job, callback_url, output_file, attempts, due, created, last_error, given_up"
      " FROM callback JOIN job ON job.id = callback.job ");
  select += rest;
  sqlite::Query query(db, select, parameters...);
  while (query.step()) {
    found.push_back({.job_id = query.integer(0),
                     .url = query.text(1),
                     .output_file = query.text(2),
                     .attempts = query.as<int>(3),
                     .due = query.integer(4),
                     .created = query.integer(5),
                     .last_error = query.text(6),
                     .given_up = query.integer(7) != 0});
  }
}

}  // namespace

std::vector<Callback> dueCallbacks(sqlite::Connection& db, UnixMillis now, base::Millis wait_max,
                                   std::size_t callbacks_max) {
  std::vector<Callback> due;
  append(due, db, "WHERE given_up = 0 AND due <= ?1 ORDER BY due LIMIT ?2", now, callbacks_max);
  append(due, db, "WHERE given_up = 0 AND due > ?1 ORDER BY due LIMIT ?2", now + wait_max.count(),
         callbacks_max - due.size());
  return due;
}

std::optional<UnixMillis> nextCallbackDue(sqlite::Connection& db, UnixMillis after) {
  sqlite::Query query(
      db, "SELECT due FROM callback WHERE given_up = 0 AND due > ?1 ORDER BY due LIMIT 1", after);
  return query.step() ? std::optional(query.integer(0)) : std::nullopt;
}

std::vector<Callback> callbacks(sqlite::Connection& db) {
  std::vector<Callback> all;
  append(all, db, "ORDER BY created, job");
  return all;
}

void callbackSent(sqlite::Connection& db, std::int64_t job_id) {
  db.run("DELETE FROM callback WHERE job = ?1", job_id);
}

Result<void> callbackFailed(sqlite::Connection& db, std::int64_t job_id, const std::string& error,
                            UnixMillis due, bool give_up) {
  db.run(
      "UPDATE callback SET attempts = attempts + 1, last_error = ?2, due = ?3, given_up = ?4"
      " WHERE job = ?1",
      job_id, error, due, give_up);
  if (db.changes() == 0) {
    return Error(ErrorKind::kNotFound, "no callback is owed for job " + std::to_string(job_id));
  }
  return {};
}

Result<void> resendCallback(sqlite::Connection& db, std::int64_t job_id, UnixMillis now) {
  {
    sqlite::Query query(db,
                        "SELECT 1 FROM job WHERE id = ?1 AND state = 'ended'"
                        " AND verdict <> 'rejected' AND callback_url <> ''",
                        job_id);
    if (!query.step()) {
      return Error(ErrorKind::kNotFound,
                   "there is no ended job " + std::to_string(job_id) + " with a callback URL");
    }
  }
  // A new debt: the time after which a callback is given up begins anew.
  db.run(
      "INSERT OR REPLACE INTO callback (job, due, created, attempts, last_error, given_up)"
      " VALUES (?1, ?2, ?2, 0, '', 0)",
      job_id, now);
  return {};
}

}  // namespace tango::store
