// The submissions of the last moments, so that one that comes again is known. In memory: an index
// over hashes would cost each new job a page of its own in the commit.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

class RecentJobs {
 public:
  /// The newest job with that submission hash, if it was added not longer than `window` before
  /// `now`, nor after it: the clock may have been set back. Where it does not know so old ones, it
  /// reads them from the store first.
  std::optional<std::int64_t> find(sqlite::Connection& db, const std::string& hash,
                                   base::UnixMillis now, base::Millis window);
  void add(const std::string& hash, std::int64_t id, base::UnixMillis added);
  /// Some may have been undone: they are read again when they are needed.
  void clear();

 private:
  struct Job {
    std::int64_t id = 0;
    base::UnixMillis added = 0;
  };
  void load(sqlite::Connection& db, base::UnixMillis since);
  void dropOldest();

  std::unordered_map<std::string, Job> newest_;    ///< by hash
  std::deque<std::pair<std::string, Job>> order_;  ///< as they were added
  /// All that were added since then are in it; nothing: it has never been asked.
  std::optional<base::UnixMillis> complete_since_;
};

}  // namespace tango::store
