#include "store/file_rows.hpp"

namespace tango::store {
namespace {

using base::Error;
using base::ErrorKind;

/// A use is noted again only when the one noted is older, so that most jobs need not write it.
constexpr UnixMillis kUseStepMs = 60'000;

}  // namespace

Courselab openCourselab(sqlite::Connection& db, const std::string& name, std::size_t files_max) {
  db.run("INSERT OR IGNORE INTO courselab (name) VALUES (?1)", name);
  const bool created = db.changes() == 1;
  return {.created = created, .files = filesUsedLast(db, name, files_max)};
}

std::map<std::string, std::string> filesUsedLast(sqlite::Connection& db,
                                                 const std::string& courselab,
                                                 std::size_t files_max) {
  std::map<std::string, std::string> files;
  sqlite::Query query(db,
                      "SELECT file.name, blob.md5 FROM file JOIN blob USING (sha256)"
                      " WHERE courselab = ?1 ORDER BY used DESC LIMIT ?2",
                      courselab, files_max);
  while (query.step()) {
    files.emplace(query.text(0), query.text(1));
  }
  return files;
}

Result<void> checkCourselab(sqlite::Connection& db, const std::string& name) {
  sqlite::Query query(db, "SELECT 1 FROM courselab WHERE name = ?1", name);
  if (!query.step()) {
    return Error(ErrorKind::kNotFound, "there is no courselab '" + name + "'");
  }
  return {};
}

std::vector<std::string> courselabNames(sqlite::Connection& db) {
  std::vector<std::string> names;
  sqlite::Query query(db, "SELECT name FROM courselab ORDER BY name");
  while (query.step()) {
    names.push_back(query.text(0));
  }
  return names;
}

Result<PutFile> putFile(sqlite::Connection& db, const std::string& courselab,
                        const std::string& file, const Blob& blob, UnixMillis now) {
  if (const Result<void> there = checkCourselab(db, courselab); !there) {
    return there.error();
  }
  putBlob(db, blob, now);
  std::string before;
  {
    sqlite::Query query(db, "SELECT sha256 FROM file WHERE courselab = ?1 AND name = ?2", courselab,
                        file);
    before = query.step() ? query.text(0) : "";
  }
  if (before == blob.sha256) {
    db.run("UPDATE file SET used = max(used, ?3) WHERE courselab = ?1 AND name = ?2", courselab,
           file, now);
    return PutFile::kSame;
  }
  if (!before.empty()) {
    countUser(db, before, -1);
  }
  db.run("INSERT OR REPLACE INTO file (courselab, name, sha256, used) VALUES (?1, ?2, ?3, ?4)",
         courselab, file, blob.sha256, now);
  countUser(db, blob.sha256, 1);
  return PutFile::kUploaded;
}

void putBlob(sqlite::Connection& db, const Blob& blob, UnixMillis now) {
  db.run(
      "INSERT INTO blob (sha256, md5, bytes, put, users) VALUES (?1, ?2, ?3, ?4, 0)"
      " ON CONFLICT (sha256) DO UPDATE SET put = max(put, excluded.put)",
      blob.sha256, blob.md5, blob.bytes, now);
}

Result<std::map<std::string, Blob>> filesOf(sqlite::Connection& db, const std::string& courselab) {
  if (const Result<void> there = checkCourselab(db, courselab); !there) {
    return there.error();
  }
  std::map<std::string, Blob> files;
  sqlite::Query query(db,
                      "SELECT name, sha256, md5, bytes FROM file JOIN blob USING (sha256)"
                      " WHERE courselab = ?1",
                      courselab);
  while (query.step()) {
    files.emplace(query.text(0), Blob{query.text(1), query.text(2), query.as<std::uint64_t>(3)});
  }
  return files;
}

std::vector<std::string> knownBlobs(sqlite::Connection& db,
                                    const std::vector<std::string>& sha256) {
  std::vector<std::string> known;
  for (const std::string& one : sha256) {
    if (hasBlob(db, one)) {
      known.push_back(one);
    }
  }
  return known;
}

Result<std::string> contentOf(sqlite::Connection& db, const std::string& courselab,
                              const std::string& file) {
  sqlite::Query query(db, "SELECT sha256 FROM file WHERE courselab = ?1 AND name = ?2", courselab,
                      file);
  if (!query.step()) {
    return Error(ErrorKind::kNotFound,
                 "there is no file '" + file + "' in courselab '" + courselab + "'");
  }
  return query.text(0);
}

void noteUse(sqlite::Connection& db, const std::string& courselab, const std::string& file,
             UnixMillis now) {
  db.run("UPDATE file SET used = ?3 WHERE courselab = ?1 AND name = ?2 AND used <= ?4", courselab,
         file, now, now - kUseStepMs);
}

bool hasBlob(sqlite::Connection& db, const std::string& sha256) {
  sqlite::Query query(db, "SELECT 1 FROM blob WHERE sha256 = ?1", sha256);
  return query.step();
}

void countUser(sqlite::Connection& db, const std::string& sha256, int by) {
  db.run("UPDATE blob SET users = users + ?2 WHERE sha256 = ?1", sha256, by);
}

}  // namespace tango::store
