// The tables of the job store, and how a file of an older version becomes one of this.
#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

/// The text of schema.sql: version 1.
extern const std::string_view kSchemaSql;
/// The text of schema_2.sql: what makes version 2 of it.
extern const std::string_view kSchema2Sql;

/// The scripts that lead from an empty file to the newest version: the one at index N makes version
/// N + 1 of version N. Those that were once released never change; a new version appends one.
[[nodiscard]] std::span<const std::string_view> migrations();

/// Brings the file of `db` to the newest version, in one transaction: all of `scripts` that it has
/// not had, or none. kUnsupported: a newer service has written it; kInvalid: it is an SQLite file
/// of something else.
base::Result<void> migrate(sqlite::Connection& db, std::span<const std::string_view> scripts);

}  // namespace tango::store
