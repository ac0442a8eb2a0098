// Looking at jobs; see JobStore's methods of the same names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

Result<JobRecord> job(sqlite::Connection& db, std::int64_t id);
std::vector<JobRecord> jobs(sqlite::Connection& db, const JobFilter& filter);
std::vector<std::int64_t> endedJobIds(sqlite::Connection& db, std::size_t jobs_max);
Result<OutputLookup> output(sqlite::Connection& db, const std::string& courselab,
                            const std::string& output_file);

std::optional<std::string> storedOutput(sqlite::Connection& db, std::int64_t id);

/// The query of `jobs`: its parameters are the lowest id that is not wanted, how many are wanted,
/// the state, the verdict, and the courselab.
[[nodiscard]] std::string jobsQuery(const JobFilter& filter);

}  // namespace tango::store
