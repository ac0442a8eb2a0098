#include "store/sqlite.hpp"

#include <optional>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "unit/store/fresh_session.hpp"

namespace tango::store::sqlite {
namespace {

using base::ErrorKind;
using base::Result;
using test::openFile;
using test::TempFolder;

/// A connection with the table t (a, b).
class Table {
 public:
  Table() : db_(openFile(folder_.path() / "file")) { db_.run("CREATE TABLE t (a, b)"); }
  [[nodiscard]] Connection& db() { return db_; }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "file"; }

 private:
  TempFolder folder_;
  Connection db_;
};

TEST_CASE_FIXTURE(Table, "values come back as they were bound") {
  const std::string bytes("\0\xff'\n", 4);
  db().run("INSERT INTO t VALUES (?1, ?2)", std::int64_t{-5}, std::string_view());
  db().run("INSERT INTO t VALUES (?1, ?2)", bytes, std::optional<std::string>());
  db().run("INSERT INTO t VALUES (?1, ?2)", std::nullopt, Bytes{bytes});
  db().run("INSERT INTO t VALUES (?1, ?2)", true, std::optional<int>(7));
  Query query(db(), "SELECT a, b FROM t ORDER BY rowid");
  REQUIRE(query.step());
  CHECK(query.integer(0) == -5);
  CHECK(!query.null(1));
  CHECK(query.text(1).empty());
  REQUIRE(query.step());
  CHECK(query.text(0) == bytes);
  CHECK(query.null(1));
  CHECK(query.text(1).empty());
  REQUIRE(query.step());
  CHECK(query.null(0));
  CHECK(query.text(1) == bytes);
  REQUIRE(query.step());
  CHECK(query.integer(0) == 1);
  CHECK(query.maybe<int>(1) == 7);
  CHECK(!query.step());
  CHECK(db().takeResult().ok());
}

TEST_CASE_FIXTURE(Table, "a query keeps the texts that it was made with") {
  db().run("INSERT INTO t VALUES ('a value that is not short', 1)");
  std::optional<std::string> wanted("a value that is not short");
  Query query(db(), "SELECT b FROM t WHERE a = ?1", *wanted);
  wanted->assign(wanted->size(), 'x');
  wanted.reset();
  CHECK(query.step());
}

TEST_CASE_FIXTURE(Table, "a statement serves again and again, with new values") {
  for (int i = 0; i < 3; ++i) {
    Query query(db(), "SELECT ?1 + 1, ?2", i);
    REQUIRE(query.step());
    CHECK(query.integer(0) == i + 1);
    CHECK(query.null(1));
  }
}

TEST_CASE_FIXTURE(Table, "an error sticks until it is taken, and names the file") {
  db().run("INSERT INTO nowhere VALUES (1)");
  CHECK(db().failed());
  db().run("INSERT INTO t VALUES (1, 1)");
  db().script("INSERT INTO t VALUES (1, 1)");
  {
    Query query(db(), "SELECT 1");
    CHECK(!query.step());
  }
  CHECK(db().changes() == 0);
  const Result<void> result = db().takeResult();
  REQUIRE(!result.ok());
  CHECK(result.error().message().find(file().string()) != std::string::npos);
  CHECK(result.error().message().find("nowhere") != std::string::npos);
  CHECK(test::valueOf(db(), "SELECT count(*) FROM t") == "0");
  db().run("INSERT INTO nowhere VALUES (1)");
  CHECK(db().takeError());
  CHECK(!db().takeError());
}

TEST_CASE_FIXTURE(Table, "a value too many is an error") {
  db().run("INSERT INTO t VALUES (?1, 1)", 1, 2);
  CHECK(!db().takeResult().ok());
}

TEST_CASE_FIXTURE(Table, "what a transaction wrote is undone unless it is committed") {
  {
    Transaction transaction(db());
    db().run("INSERT INTO t VALUES (1, 1)");
  }
  CHECK(test::valueOf(db(), "SELECT count(*) FROM t") == "0");
  {
    Transaction transaction(db());
    db().run("INSERT INTO t VALUES (1, 1)");
    transaction.commit();
  }
  CHECK(test::valueOf(db(), "SELECT count(*) FROM t") == "1");
  {
    Transaction transaction(db());
    db().run("DELETE FROM t");
    db().run("an error");
    transaction.commit();
  }
  CHECK(!db().takeResult().ok());
  CHECK(!db().inTransaction());
  CHECK(test::valueOf(db(), "SELECT count(*) FROM t") == "1");
}

TEST_CASE_FIXTURE(Table, "the file and those beside it are for nobody but us") {
  db().run("PRAGMA journal_mode = WAL");
  db().run("INSERT INTO t VALUES (1, 1)");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status{};
    REQUIRE(::stat((file().string() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE_FIXTURE(Table, "a file that others could read is closed to them") {
  REQUIRE(::chmod(file().c_str(), 0644) == 0);
  const Connection again = openFile(file());
  struct stat status{};
  REQUIRE(::stat(file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a file that cannot be opened is named") {
  const TempFolder folder;
  const Result<Connection> missing =
      Connection::open(folder.path() / "none" / "file", Access::kWrite);
  REQUIRE(!missing.ok());
  CHECK(missing.error().message().find("none/file") != std::string::npos);
  CHECK(!Connection::open(folder.path() / "file", Access::kRead).ok());
  CHECK(!Connection::open(folder.path(), Access::kWrite).ok());
}

}  // namespace
}  // namespace tango::store::sqlite
