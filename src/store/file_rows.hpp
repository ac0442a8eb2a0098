// Courselabs, the names of their files, and the contents behind these. Writing functions are for a
// transaction of the caller's; errors of the database stick to the connection (see sqlite.hpp).
//
// A content counts its users: the names that stand for it and the jobs that have it and have not
// ended. One without users may be forgotten.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

/// See JobStore::openCourselab.
Courselab openCourselab(sqlite::Connection& db, const std::string& name, std::size_t files_max);
/// The md5 by name of the files of a courselab that were uploaded or used last.
[[nodiscard]] std::map<std::string, std::string> filesUsedLast(sqlite::Connection& db,
                                                               const std::string& courselab,
                                                               std::size_t files_max);
/// kNotFound, with the name.
Result<void> checkCourselab(sqlite::Connection& db, const std::string& name);
[[nodiscard]] std::vector<std::string> courselabNames(sqlite::Connection& db);

Result<PutFile> putFile(sqlite::Connection& db, const std::string& courselab,
                        const std::string& file, const Blob& blob, UnixMillis now);
void putBlob(sqlite::Connection& db, const Blob& blob, UnixMillis now);
Result<std::map<std::string, Blob>> filesOf(sqlite::Connection& db, const std::string& courselab);
[[nodiscard]] std::vector<std::string> knownBlobs(sqlite::Connection& db,
                                                  const std::vector<std::string>& sha256);

/// The SHA-256 of what `file` stands for in `courselab` now; kNotFound names it.
Result<std::string> contentOf(sqlite::Connection& db, const std::string& courselab,
                              const std::string& file);
void noteUse(sqlite::Connection& db, const std::string& courselab, const std::string& file,
             UnixMillis now);
[[nodiscard]] bool hasBlob(sqlite::Connection& db, const std::string& sha256);
/// One user more (1) or less (-1).
void countUser(sqlite::Connection& db, const std::string& sha256, int by);

}  // namespace tango::store
