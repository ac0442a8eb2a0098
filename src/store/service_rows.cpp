#include "store/service_rows.hpp"

#include <limits>

namespace tango::store {

using base::Error;
using base::ErrorKind;
using base::Result;

std::string ownerOf(sqlite::Connection& db) {
  sqlite::Query query(db, "SELECT value FROM service WHERE name = 'owner'");
  return query.step() ? query.text(0) : "";
}

Result<std::int64_t> reserveVmIds(sqlite::Connection& db, std::int64_t count) {
  sqlite::Query query(db, "SELECT value FROM service WHERE name = 'next_vm_id'");
  const std::int64_t first = query.step() ? query.integer(0) : 0;
  if (count <= 0 || count > std::numeric_limits<std::int64_t>::max() - first) {
    return Error(ErrorKind::kInvalid,
                 "count of VM numbers: " + std::to_string(count) + " is not possible");
  }
  db.run("UPDATE service SET value = ?1 WHERE name = 'next_vm_id'", first + count);
  return first;
}

void setPreallocation(sqlite::Connection& db, const std::string& key, const std::string& value) {
  db.run(
      "INSERT INTO preallocation (key, value) VALUES (?1, ?2)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key, value);
}

std::map<std::string, std::string> preallocations(sqlite::Connection& db) {
  std::map<std::string, std::string> values;
  sqlite::Query query(db, "SELECT key, value FROM preallocation");
  while (query.step()) {
    values.emplace(query.text(0), query.text(1));
  }
  return values;
}

void addToCounter(sqlite::Connection& db, const std::string& name, std::int64_t by) {
  db.run(
      "INSERT INTO counter (name, value) VALUES (?1, ?2)"
      " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
      name, by);
}

std::map<std::string, std::int64_t> counters(sqlite::Connection& db) {
  std::map<std::string, std::int64_t> values;
  sqlite::Query query(db, "SELECT name, value FROM counter");
  while (query.step()) {
    values.emplace(query.text(0), query.integer(1));
  }
  return values;
}

}  // namespace tango::store
