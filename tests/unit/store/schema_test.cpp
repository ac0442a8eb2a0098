#include "store/schema.hpp"

#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "unit/store/fresh_session.hpp"

namespace tango::store {
namespace {

using base::ErrorKind;
using base::Result;
using test::openFile;
using test::TempFolder;
using test::valueOf;

/// The next version, as an example.
constexpr std::string_view kNext =
    "ALTER TABLE job ADD COLUMN note TEXT NOT NULL DEFAULT 'none';"
    "UPDATE preallocation SET value = value || '!';";

class OldFile {
 public:
  OldFile() {
    sqlite::Connection db = openFile(file());
    REQUIRE(migrate(db, migrations()).ok());
    db.run("INSERT INTO preallocation VALUES ('key', 'value')");
    REQUIRE(db.takeResult().ok());
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "jobs.sqlite"; }
  [[nodiscard]] std::array<std::string_view, 2> withNext() const {
    return {migrations().front(), kNext};
  }

 private:
  TempFolder folder_;
};

TEST_CASE_FIXTURE(OldFile, "a new file has the newest version, and opening it changes nothing") {
  sqlite::Connection db = openFile(file());
  const std::string version = valueOf(db, "PRAGMA user_version");
  CHECK(version == std::to_string(migrations().size()));
  const std::string owner = valueOf(db, "SELECT value FROM service WHERE name = 'owner'");
  REQUIRE(migrate(db, migrations()).ok());
  CHECK(valueOf(db, "SELECT value FROM service WHERE name = 'owner'") == owner);
}

TEST_CASE_FIXTURE(OldFile, "an old file becomes one of the next version with all that is in it") {
  sqlite::Connection db = openFile(file());
  REQUIRE(migrate(db, withNext()).ok());
  CHECK(valueOf(db, "PRAGMA user_version") == "2");
  CHECK(valueOf(db, "SELECT value FROM preallocation") == "value!");
  CHECK(valueOf(db, "SELECT count(note) FROM job") == "0");
  REQUIRE(migrate(db, withNext()).ok());
  CHECK(valueOf(db, "SELECT value FROM preallocation") == "value!");
}

TEST_CASE("an empty file takes all versions at once") {
  const TempFolder folder;
  sqlite::Connection db = openFile(folder.path() / "jobs.sqlite");
  const std::array<std::string_view, 2> scripts = {migrations().front(), kNext};
  REQUIRE(migrate(db, scripts).ok());
  CHECK(valueOf(db, "PRAGMA user_version") == "2");
}

TEST_CASE_FIXTURE(OldFile, "a migration that fails changes nothing") {
  sqlite::Connection db = openFile(file());
  const std::array<std::string_view, 3> scripts = {migrations().front(), kNext,
                                                   "INSERT INTO nowhere VALUES (1);"};
  const Result<void> migrated = migrate(db, scripts);
  REQUIRE(!migrated.ok());
  CHECK(migrated.error().message().find("nowhere") != std::string::npos);
  CHECK(valueOf(db, "PRAGMA user_version") == "1");
  CHECK(valueOf(db, "SELECT value FROM preallocation") == "value");
}

TEST_CASE_FIXTURE(OldFile, "a file of a newer service is refused") {
  sqlite::Connection db = openFile(file());
  REQUIRE(migrate(db, withNext()).ok());
  const Result<void> refused = migrate(db, migrations());
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind() == ErrorKind::kUnsupported);
  CHECK(refused.error().message().find("version 2") != std::string::npos);
  CHECK(refused.error().message().find(file().string()) != std::string::npos);
}

TEST_CASE("an SQLite file of something else is refused and left alone") {
  const TempFolder folder;
  sqlite::Connection db = openFile(folder.path() / "jobs.sqlite");
  db.run("CREATE TABLE theirs (a)");
  SUBCASE("without a version") {}
  SUBCASE("with our version") {
    db.run("PRAGMA user_version = 1");
  }
  SUBCASE("with a negative version") {
    db.run("PRAGMA user_version = -1");
    db.run("PRAGMA application_id = 0x546e676f");
  }
  const Result<void> refused = migrate(db, migrations());
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind() == ErrorKind::kInvalid);
  CHECK(valueOf(db, "SELECT count(*) FROM sqlite_schema") == "1");
}

TEST_CASE("a file that is no SQLite file is refused by its name") {
  const TempFolder folder;
  sqlite::Connection db = openFile(folder.write("jobs.sqlite", std::string(8'192, 'x')));
  const Result<void> refused = migrate(db, migrations());
  REQUIRE(!refused.ok());
  CHECK(refused.error().message().find("jobs.sqlite: the file is damaged") != std::string::npos);
}

}  // namespace
}  // namespace tango::store
