// A session of the store on a file of its own, without threads.
#pragma once

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "store/schema.hpp"
#include "store/session.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

inline store::sqlite::Connection openFile(const std::filesystem::path& file) {
  auto opened = store::sqlite::Connection::open(file, store::sqlite::Access::kWrite);
  REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message()));
  return *std::move(opened);
}

/// The first column of the first row, as text.
inline std::string valueOf(store::sqlite::Connection& db, const std::string& sql) {
  store::sqlite::Query query(db, sql);
  REQUIRE(query.step());
  return query.text(0);
}

class FreshSession {
 public:
  FreshSession() : session_{openFile(folder_.path() / "jobs.sqlite"), {}, {}} {
    REQUIRE(store::migrate(session_.db, store::migrations()).ok());
    session_.db.run("PRAGMA foreign_keys = ON");
    session_.db.run("PRAGMA synchronous = OFF");
  }
  [[nodiscard]] store::Session& session() { return session_; }
  [[nodiscard]] store::sqlite::Connection& db() { return session_.db; }

 private:
  TempFolder folder_;
  store::Session session_;
};

}  // namespace tango::test
