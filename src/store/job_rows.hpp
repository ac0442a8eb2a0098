// Jobs as rows: what goes in when one is added, and what comes out. Errors of the database stick to
// the connection (see sqlite.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/job_record.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

/// Puts in the row of a new job that is not ended, and those of its inputs.
void insertJob(sqlite::Connection& db, std::int64_t id, const model::Submission& submission,
               const std::string& submission_hash, const std::string& trace, base::UnixMillis now);
/// The same of one that was rejected: it ends with its beginning, and keeps no secrets.
void insertRejectedJob(sqlite::Connection& db, std::int64_t id, const model::Submission& submission,
                       const std::string& trace, const std::string& verdict_text,
                       base::UnixMillis now);

/// The columns that `recordOf` reads, for a SELECT from `job`.
[[nodiscard]] const std::string& recordColumns();
/// The job of the query's row, without its inputs.
[[nodiscard]] model::JobRecord recordOf(const sqlite::Query& row);
[[nodiscard]] std::vector<model::SubmittedFile> inputsOf(sqlite::Connection& db, std::int64_t id);

}  // namespace tango::store
