#include "store/sqlite.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "base/unique_fd.hpp"

namespace tango::store::sqlite {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr int kBusyTimeoutMs = 10'000;

Error errorOf(const std::filesystem::path& file, int code, const char* message) {
  const std::string where = "job store " + file.string() + ": ";
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return {ErrorKind::kTooLarge, where + "the disk is full"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorKind::kSystem, where + "the file is damaged: " + message};
    default:
      return {ErrorKind::kSystem, where + message + " (SQLite error " + std::to_string(code) + ")"};
  }
}

/// SQLite gives the files beside it (-wal, -shm) the mode of this one.
Result<void> makeFile(const std::filesystem::path& file) {
  const base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) {
    return base::systemError(errno, "open the job store " + file.string());
  }
  if (::fchmod(fd.get(), 0600) != 0) {
    return base::systemError(errno, "set the mode of the job store " + file.string());
  }
  const base::UniqueFd folder(
      ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) {
    return base::systemError(errno, "fsync the folder of the job store " + file.string());
  }
  return {};
}

}  // namespace

void Connection::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Connection::Connection(std::unique_ptr<sqlite3, Close> handle, std::filesystem::path file)
    : file_(std::move(file)), handle_(std::move(handle)) {}

Result<Connection> Connection::open(const std::filesystem::path& file, Access access) {
  if (access == Access::kWrite) {
    if (const Result<void> made = makeFile(file); !made) {
      return made.error();
    }
  }
  // SQLite need not count the memory that it takes, under a lock of all its threads.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (access == Access::kWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  std::unique_ptr<sqlite3, Close> handle(opened);
  if (code != SQLITE_OK) {
    return errorOf(file, code, sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(handle.get(), kBusyTimeoutMs);
  return Connection(std::move(handle), file);
}

void Connection::script(std::string_view sql) {
  if (!error_) {
    fail(sqlite3_exec(handle_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr));
  }
}

void Connection::setSync(Sync sync) {
  // No cached statement: SQLite obeys it when it is compiled, not when it is run.
  if (sync_ != sync) {
    script(sync == Sync::kYes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    sync_ = sync;
  }
}

void Connection::fail(int code) {
  if (code != SQLITE_OK && !error_) {
    error_ = errorOf(file_, code, sqlite3_errmsg(handle_.get()));
  }
}

std::optional<Error> Connection::takeError() {
  return std::exchange(error_, std::nullopt);
}

Result<void> Connection::takeResult() {
  if (std::optional<Error> error = takeError()) {
    return *std::move(error);
  }
  return {};
}

std::int64_t Connection::changes() const {
  return error_ ? 0 : sqlite3_changes64(handle_.get());
}

bool Connection::inTransaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

Connection::Cached* Connection::cached(std::string_view sql) {
  if (error_) {
    return nullptr;
  }
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    found = statements_.try_emplace(std::string(sql)).first;
  }
  Cached& entry = found->second;
  if (!entry.statement) {
    sqlite3_stmt* prepared = nullptr;
    fail(sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                            SQLITE_PREPARE_PERSISTENT, &prepared, nullptr));
    if (error_) {
      return nullptr;
    }
    entry.statement.reset(prepared);
  }
  TANGO_ASSERT(!entry.in_use, "one statement is in use once");
  entry.in_use = true;
  return &entry;
}

Query::~Query() {
  if (cached_ != nullptr) {
    sqlite3_reset(cached_->statement.get());
    sqlite3_clear_bindings(cached_->statement.get());
    cached_->in_use = false;
  }
}

void Query::check(int code) {
  db_.fail(code);
}

bool Query::step() {
  if (cached_ == nullptr || db_.failed()) {
    return false;
  }
  const int code = sqlite3_step(cached_->statement.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  check(code == SQLITE_DONE ? SQLITE_OK : code);
  return false;
}

void Query::bindInteger(int position, std::int64_t value) {
  if (cached_ != nullptr) {
    check(sqlite3_bind_int64(cached_->statement.get(), position, value));
  }
}

void Query::bind(int position, std::string_view value) {
  if (cached_ != nullptr) {
    // An empty view may have no address, which SQLite would take for NULL.
    const char* text = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(cached_->statement.get(), position, text, value.size(),
                              copy_ == Copy::kYes ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
  }
}

void Query::bind(int position, Bytes value) {
  if (cached_ != nullptr) {
    check(sqlite3_bind_blob64(cached_->statement.get(), position, value.bytes.data(),
                              value.bytes.size(),
                              copy_ == Copy::kYes ? SQLITE_TRANSIENT : SQLITE_STATIC));
  }
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(cached_->statement.get(), column);
}

std::string Query::text(int column) const {
  sqlite3_stmt* statement = cached_->statement.get();
  const unsigned char* text = sqlite3_column_text(statement, column);
  if (text == nullptr) {
    return {};
  }
  // The length is that of the text only when it is asked for after it.
  const int size = sqlite3_column_bytes(statement, column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

bool Query::null(int column) const {
  return sqlite3_column_type(cached_->statement.get(), column) == SQLITE_NULL;
}

Transaction::Transaction(Connection& db) : db_(db) {
  // At once a writing one: it never has to become one halfway, when another holds the lock.
  db_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (db_.inTransaction()) {
    const std::optional<Error> first = db_.takeError();
    db_.run("ROLLBACK");
    // If even that failed, SQLite has rolled back by itself, or does when the file is closed.
    static_cast<void>(db_.takeError());
    if (first) {
      db_.error_ = first;
    }
  }
}

void Transaction::commit() {
  db_.run("COMMIT");
}

}  // namespace tango::store::sqlite
