// A thin layer over SQLite's C API: connections, cached statements, transactions.
//
// An error sticks: after the first one, every step of the connection does nothing and gives no row
// until `takeError`. So a series of statements needs one check, made by whoever runs the series;
// what it computed from missing rows in between is thrown away with it.
//
// A connection is used by one thread at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tango::store::sqlite {

/// Bytes that are no text.
struct Bytes {
  std::string_view bytes;
};

enum class Access {
  kWrite,  ///< makes the file where it is missing, for nobody but us
  kRead,   ///< the file is there, and a writing connection is open all the time
};

/// Whether a commit waits until it is on the disk, and with it all that were made before.
enum class Sync {
  kYes,
  kNo,  ///< it survives our end, but a power failure may take back it and those behind it
};

class Connection {
 public:
  static base::Result<Connection> open(const std::filesystem::path& file, Access access);

  /// Runs statements that give no rows, from the text of a script of ours.
  void script(std::string_view sql);
  /// Runs one statement to its end; what it gives is not looked at. See Query for `values`.
  template <class... Values>
  void run(std::string_view sql, const Values&... values);

  /// For the transactions from now on; outside of one.
  /// https://sqlite.org/pragma.html#pragma_synchronous
  void setSync(Sync sync);

  /// The first error since the last call, naming the file. kTooLarge: the disk is full.
  [[nodiscard]] std::optional<base::Error> takeError();
  /// The same as a Result, for those that have nothing else to give.
  [[nodiscard]] base::Result<void> takeResult();
  [[nodiscard]] bool failed() const { return error_.has_value(); }

  /// Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool inTransaction() const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  friend class Query;
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Cached {
    std::unique_ptr<sqlite3_stmt, Finalize> statement;
    bool in_use = false;
  };
  struct HashText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  Connection(std::unique_ptr<sqlite3, Close> handle, std::filesystem::path file);
  /// The statement of this text, prepared once; nullptr: it failed, and the error sticks.
  Cached* cached(std::string_view sql);
  void fail(int code);

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string, Cached, HashText, std::equal_to<>>
      statements_;  // gone before the handle
  std::optional<base::Error> error_;
  std::optional<Sync> sync_;
};

/// One use of a statement, over when the object goes. The same text must not be in use twice.
class Query {
 public:
  /// `values` are bound to the parameters 1, 2, ...: integers, texts, Bytes, nullopt for NULL, or
  /// optionals of these.
  template <class... Values>
  Query(Connection& db, std::string_view sql, const Values&... values)
      : Query(Copy::kYes, db, sql, values...) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  /// Goes to the next row; false: there is none, or it failed.
  bool step();

  /// Columns of the row, from 0. NULL is 0 or "".
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool null(int column) const;

  template <std::integral Integer>
  [[nodiscard]] Integer as(int column) const {
    return static_cast<Integer>(integer(column));
  }
  template <std::integral Integer>
  [[nodiscard]] std::optional<Integer> maybe(int column) const {
    return null(column) ? std::nullopt : std::optional<Integer>(as<Integer>(column));
  }

 private:
  friend class Connection;
  /// Whether texts are copied when they are bound, or outlive the object.
  enum class Copy { kYes, kNo };
  template <class... Values>
  Query(Copy copy, Connection& db, std::string_view sql, const Values&... values)
      : db_(db), cached_(db.cached(sql)), copy_(copy) {
    int position = 0;  // NOLINT(misc-const-correctness): it is where there are no values
    (bind(++position, values), ...);
  }

  template <std::integral Integer>
  void bind(int position, Integer value) {
    bindInteger(position, static_cast<std::int64_t>(value));
  }
  void bind(int position, std::string_view value);
  void bind(int position, Bytes value);
  void bind(int /*position*/, std::nullopt_t /*null*/) {}
  template <class Value>
  void bind(int position, const std::optional<Value>& value) {
    if (value) {
      bind(position, *value);
    }
  }
  void bindInteger(int position, std::int64_t value);
  void check(int code);

  Connection& db_;
  Connection::Cached* cached_;
  Copy copy_;
};

template <class... Values>
void Connection::run(std::string_view sql, const Values&... values) {
  Query query(Query::Copy::kNo, *this, sql, values...);
  while (query.step()) {
  }
}

/// What is written until `commit` is undone if that is not reached.
class Transaction {
 public:
  explicit Transaction(Connection& db);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  /// Makes it durable, if nothing failed until now; see the connection's error.
  void commit();

 private:
  Connection& db_;
};

}  // namespace tango::store::sqlite
