// What the store remembers of the service as a whole. Writing functions are for a transaction of
// the caller's; errors of the database stick to the connection (see sqlite.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

[[nodiscard]] std::string ownerOf(sqlite::Connection& db);

/// kInvalid: `count` is not positive, or there are not so many numbers.
base::Result<std::int64_t> reserveVmIds(sqlite::Connection& db, std::int64_t count);

void setPreallocation(sqlite::Connection& db, const std::string& key, const std::string& value);
[[nodiscard]] std::map<std::string, std::string> preallocations(sqlite::Connection& db);

void addToCounter(sqlite::Connection& db, const std::string& name, std::int64_t by);
[[nodiscard]] std::map<std::string, std::int64_t> counters(sqlite::Connection& db);

}  // namespace tango::store
