#include "store/schema.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace tango::store {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

/// "Tngo": what file(1) and we know our files by.
constexpr std::int64_t kApplicationId = 0x546e676f;

std::int64_t pragma(sqlite::Connection& db, const char* sql) {
  sqlite::Query query(db, sql);
  return query.step() ? query.integer(0) : 0;
}

/// Whether it is an empty file, or one of ours, of a version that is known.
Result<void> checkOurs(sqlite::Connection& db, std::int64_t version, std::int64_t newest) {
  const std::string file = "job store " + db.file().string();
  const std::int64_t application = pragma(db, "PRAGMA application_id");
  const std::int64_t tables = pragma(db, "SELECT count(*) FROM sqlite_schema");
  if (db.failed()) {
    return db.takeResult();
  }
  if (version < 0 || (application != kApplicationId && (version != 0 || tables != 0))) {
    return Error(ErrorKind::kInvalid, file + ": this is an SQLite file, but not a job store");
  }
  if (version > newest) {
    return Error(ErrorKind::kUnsupported, file + ": it has version " + std::to_string(version) +
                                              ", and this service knows " + std::to_string(newest) +
                                              " at most: start the newer service that wrote it");
  }
  return {};
}

}  // namespace

std::span<const std::string_view> migrations() {
  static const std::array<std::string_view, 2> scripts = {kSchemaSql, kSchema2Sql};
  return scripts;
}

Result<void> migrate(sqlite::Connection& db, std::span<const std::string_view> scripts) {
  sqlite::Transaction transaction(db);
  const std::int64_t version = pragma(db, "PRAGMA user_version");
  const auto newest = static_cast<std::int64_t>(scripts.size());
  if (const Result<void> ours = checkOurs(db, version, newest); !ours) {
    return ours;
  }
  if (version == newest) {
    return {};
  }
  for (const std::string_view script : scripts.subspan(static_cast<std::size_t>(version))) {
    db.script(script);
  }
  db.script("PRAGMA application_id = " + std::to_string(kApplicationId));
  db.script("PRAGMA user_version = " + std::to_string(newest));
  transaction.commit();
  return db.takeResult();
}

}  // namespace tango::store
