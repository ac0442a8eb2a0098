#include "store/recent_jobs.hpp"

#include <doctest/doctest.h>

#include "store/job_rows.hpp"
#include "unit/store/fresh_session.hpp"

namespace tango::store {
namespace {

constexpr base::UnixMillis kMinute = 60'000;
constexpr base::Millis kWindow{kMinute};

class Recent : public test::FreshSession {
 public:
  /// A job in the store, that `recent` is told of too or not.
  void store(std::int64_t id, const std::string& hash, base::UnixMillis added) {
    insertJob(db(), id, {}, hash, "", added);
    REQUIRE(!db().failed());
  }
  RecentJobs recent;
};

TEST_CASE_FIXTURE(Recent, "a job is known from when it was added on") {
  CHECK(!recent.find(db(), "hash", kMinute, kWindow));
  recent.add("hash", 7, 100 * kMinute);
  CHECK(recent.find(db(), "hash", 101 * kMinute, kWindow) == 7);
  CHECK(!recent.find(db(), "hash", 101 * kMinute + 1, kWindow));
  CHECK(!recent.find(db(), "other", kMinute, kWindow));
  recent.add("hash", 8, 101 * kMinute);
  CHECK(recent.find(db(), "hash", 101 * kMinute, kWindow) == 8);
}

TEST_CASE_FIXTURE(Recent, "jobs of an earlier service are read from the store") {
  store(1, "old", 10 * kMinute);
  store(2, "hash", 100 * kMinute);
  recent.add("unknown", 3, 100 * kMinute);
  CHECK(recent.find(db(), "hash", 101 * kMinute, kWindow) == 2);
  CHECK(!recent.find(db(), "old", 101 * kMinute, kWindow));
  CHECK(recent.find(db(), "old", 11 * kMinute, kWindow) == 1);
}

TEST_CASE_FIXTURE(Recent, "what was undone is known no longer") {
  store(1, "kept", 100 * kMinute);
  CHECK(recent.find(db(), "kept", 101 * kMinute, kWindow) == 1);
  recent.add("undone", 2, 100 * kMinute);
  recent.clear();
  CHECK(!recent.find(db(), "undone", 101 * kMinute, kWindow));
  CHECK(recent.find(db(), "kept", 101 * kMinute, kWindow) == 1);
}

TEST_CASE_FIXTURE(Recent, "old ones are dropped, and a clock that is set back finds them again") {
  store(1, "first", 100 * kMinute);
  CHECK(recent.find(db(), "first", 101 * kMinute, kWindow) == 1);
  store(2, "later", 200 * kMinute);
  recent.add("later", 2, 200 * kMinute);
  CHECK(recent.find(db(), "later", 201 * kMinute, kWindow) == 2);
  CHECK(recent.find(db(), "first", 101 * kMinute, kWindow) == 1);
  CHECK(!recent.find(db(), "later", 101 * kMinute, kWindow));
}

}  // namespace
}  // namespace tango::store
