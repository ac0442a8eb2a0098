// A thread of the store's with its connection, and what it keeps of its own.
#pragma once

#include <cstdint>

#include "store/recent_jobs.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

/// Kept beside the tables, because counting would get slower with every job. Only the writing
/// session has them; those that count are set back when what they count is undone.
struct Totals {
  std::uint64_t unended_jobs = 0;
  std::uint64_t ended_jobs = 0;
  std::int64_t last_job_id = 0;  ///< that was ever given
};

struct Session {
  sqlite::Connection db;
  Totals totals;
  RecentJobs recent_jobs;
};

}  // namespace tango::store
