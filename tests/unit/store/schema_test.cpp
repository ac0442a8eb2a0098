#include "store/schema.hpp"

#include <string>
#include <string_view>
#include <vector>

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
  /// The versions that there are, and a next one.
  [[nodiscard]] static std::vector<std::string_view> withNext() {
    std::vector<std::string_view> scripts(migrations().begin(), migrations().end());
    scripts.push_back(kNext);
    return scripts;
  }
  [[nodiscard]] static std::string newest() { return std::to_string(migrations().size()); }
  [[nodiscard]] static std::string next() { return std::to_string(migrations().size() + 1); }

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
  CHECK(valueOf(db, "PRAGMA user_version") == next());
  CHECK(valueOf(db, "SELECT value FROM preallocation") == "value!");
  CHECK(valueOf(db, "SELECT count(note) FROM job") == "0");
  REQUIRE(migrate(db, withNext()).ok());
  CHECK(valueOf(db, "SELECT value FROM preallocation") == "value!");
}

TEST_CASE("a file of version 1 becomes one of the newest version with its jobs") {
  const TempFolder folder;
  sqlite::Connection db = openFile(folder.path() / "jobs.sqlite");
  REQUIRE(migrate(db, migrations().first(1)).ok());
  CHECK(valueOf(db, "PRAGMA user_version") == "1");
  db.run(
      "INSERT INTO job (id, state, courselab, name, vmms, image, cpu_millis, memory_bytes,"
      " disk_bytes, disk_inodes, io_bytes_per_second, network, wall_time_ms, cpu_time_ms,"
      " processes, file_size_bytes, output_bytes, open_files, output_file, callback_url,"
      " access_key_id, access_key, trace, added) VALUES (7, 'ended', 'lab', 'old', 'sandbox',"
      " 'host', 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 'old.out', '', '', '', '', 5)");
  REQUIRE(db.takeResult().ok());
  REQUIRE(migrate(db, migrations()).ok());
  CHECK(valueOf(db, "SELECT name FROM job WHERE id = 7 AND run_us IS NULL") == "old");
  CHECK(valueOf(db, "SELECT count(*) FROM output") == "0");
}

TEST_CASE("an empty file takes all versions at once") {
  const TempFolder folder;
  sqlite::Connection db = openFile(folder.path() / "jobs.sqlite");
  REQUIRE(migrate(db, OldFile::withNext()).ok());
  CHECK(valueOf(db, "PRAGMA user_version") == OldFile::next());
}

TEST_CASE_FIXTURE(OldFile, "a migration that fails changes nothing") {
  sqlite::Connection db = openFile(file());
  std::vector<std::string_view> scripts = withNext();
  scripts.emplace_back("INSERT INTO nowhere VALUES (1);");
  const Result<void> migrated = migrate(db, scripts);
  REQUIRE(!migrated.ok());
  CHECK(migrated.error().message().find("nowhere") != std::string::npos);
  CHECK(valueOf(db, "PRAGMA user_version") == newest());
  CHECK(valueOf(db, "SELECT value FROM preallocation") == "value");
}

TEST_CASE_FIXTURE(OldFile, "a file of a newer service is refused") {
  sqlite::Connection db = openFile(file());
  REQUIRE(migrate(db, withNext()).ok());
  const Result<void> refused = migrate(db, migrations());
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind() == ErrorKind::kUnsupported);
  CHECK(refused.error().message().find("version " + next()) != std::string::npos);
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
