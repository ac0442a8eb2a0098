// A stored job's way to its end. Each function is for a transaction of the caller's; see JobStore's
// methods of the same names.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/job_store.hpp"
#include "store/session.hpp"

namespace tango::store {

Result<JobRecord> claim(sqlite::Connection& db, std::int64_t id);
/// Does nothing to a job that has ended.
void note(sqlite::Connection& db, std::int64_t id, const JobProgress& progress);
void notePublished(sqlite::Connection& db, std::int64_t id, std::chrono::microseconds took);
Result<void> requeue(sqlite::Connection& db, std::int64_t id, const std::string& trace_line);
Result<void> endJob(Session& session, std::int64_t id, const model::JobEnd& end,
                    UnixMillis callback_due);
std::vector<WaitingJob> recoverJobs(sqlite::Connection& db, std::string_view trace_line);

}  // namespace tango::store
