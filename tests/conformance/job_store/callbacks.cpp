#include <string>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using store::Callback;

constexpr base::Millis kWaitMax{kDay};

model::Submission withCallback(const std::string& url = "http://autolab/x") {
  model::Submission job = submission();
  job.callback_url = url;
  return job;
}

/// A job that ended, with a callback due at `due`.
std::int64_t owe(Trial& trial, base::UnixMillis due) {
  const std::int64_t id = trial.add(withCallback());
  trial.done(trial.store().endJob(id, endedAt(kNoon), due));
  return id;
}

TEST_CASE_FIXTURE(Trial, "the end of a job owes the callback that it asked for") {
  addEnded();
  CHECK(get(store().callbacks()).empty());
  CHECK(!get(store().nextCallbackDue(0)));
  const std::int64_t id = add(withCallback());
  CHECK(get(store().callbacks()).empty());
  done(store().endJob(id, endedAt(kNoon, model::Verdict::kInternalError), kNoon + kSecond));
  reopen();
  const std::vector<Callback> owed = get(store().callbacks());
  REQUIRE(owed.size() == 1);
  CHECK(owed[0].job_id == id);
  CHECK(owed[0].url == "http://autolab/x");
  CHECK(owed[0].output_file == "hello.out");
  CHECK(owed[0].attempts == 0);
  CHECK(owed[0].due == kNoon + kSecond);
  CHECK(owed[0].created == kNoon);
  CHECK(owed[0].last_error.empty());
  CHECK(!owed[0].given_up);
}

TEST_CASE_FIXTURE(Trial, "callbacks are due at their time, the earliest first") {
  const std::int64_t later = owe(*this, kNoon + 2);
  const std::int64_t sooner = owe(*this, kNoon + 1);
  owe(*this, kNoon + 3);
  CHECK(get(store().nextCallbackDue(0)) == kNoon + 1);
  CHECK(get(store().nextCallbackDue(kNoon + 1)) == kNoon + 2);
  CHECK(!get(store().nextCallbackDue(kNoon + 3)));
  CHECK(get(store().dueCallbacks(kNoon, kWaitMax, 10)).empty());
  const std::vector<Callback> due = get(store().dueCallbacks(kNoon + 2, kWaitMax, 10));
  REQUIRE(due.size() == 2);
  CHECK(due[0].job_id == sooner);
  CHECK(due[1].job_id == later);
  CHECK(get(store().dueCallbacks(kNoon + 2, kWaitMax, 1)).size() == 1);
}

TEST_CASE_FIXTURE(Trial, "a callback that would wait too long is due, behind those that are") {
  const std::int64_t far = owe(*this, kNoon + kWaitMax.count() + 1);
  owe(*this, kNoon + kWaitMax.count());
  const std::int64_t now = owe(*this, kNoon);
  const std::vector<Callback> due = get(store().dueCallbacks(kNoon, kWaitMax, 10));
  REQUIRE(due.size() == 2);
  CHECK(due[0].job_id == now);
  CHECK(due[1].job_id == far);
  CHECK(get(store().dueCallbacks(kNoon, kWaitMax, 1)).size() == 1);
}

TEST_CASE_FIXTURE(Trial, "a callback that was sent is owed no longer") {
  const std::int64_t id = owe(*this, kNoon);
  done(store().callbackSent(id));
  CHECK(get(store().callbacks()).empty());
  CHECK(!get(store().nextCallbackDue(0)));
  done(store().callbackSent(id));
  CHECK(refused(store().callbackFailed(id, "no", kNoon, false)) == ErrorKind::kNotFound);
}

TEST_CASE_FIXTURE(Trial, "a callback that failed is tried again later, or given up") {
  const std::int64_t id = owe(*this, kNoon);
  done(store().callbackFailed(id, "connection refused", kNoon + kHour, false));
  CHECK(get(store().dueCallbacks(kNoon, kWaitMax, 10)).empty());
  reopen();
  CHECK(get(store().nextCallbackDue(0)) == kNoon + kHour);
  Callback owed = get(store().callbacks()).at(0);
  CHECK(owed.attempts == 1);
  CHECK(owed.last_error == "connection refused");

  done(store().callbackFailed(id, "500", kNoon + kHour, true));
  CHECK(get(store().dueCallbacks(kNoon + kDay, kWaitMax, 10)).empty());
  CHECK(!get(store().nextCallbackDue(0)));
  owed = get(store().callbacks()).at(0);
  CHECK(owed.attempts == 2);
  CHECK(owed.given_up);
}

TEST_CASE_FIXTURE(Trial, "a callback is sent again on demand, whether it was sent or given up") {
  const std::int64_t sent = owe(*this, kNoon);
  done(store().callbackSent(sent));
  const std::int64_t lost = owe(*this, kNoon);
  done(store().callbackFailed(lost, "500", kNoon, true));
  for (const std::int64_t id : {sent, lost}) {
    done(store().resendCallback(id, kNoon + kDay));
  }
  const std::vector<Callback> due = get(store().dueCallbacks(kNoon + kDay, kWaitMax, 10));
  REQUIRE(due.size() == 2);
  for (const Callback& callback : due) {
    CHECK(callback.due == kNoon + kDay);
    CHECK(callback.attempts == 0);
    CHECK(!callback.given_up);
  }
}

TEST_CASE_FIXTURE(Trial, "only an ended job with a callback URL is called back on demand") {
  CHECK(refused(store().resendCallback(1, kNoon)) == ErrorKind::kNotFound);
  CHECK(refused(store().resendCallback(addEnded(), kNoon)) == ErrorKind::kNotFound);
  CHECK(refused(store().resendCallback(add(withCallback()), kNoon)) == ErrorKind::kNotFound);
  CHECK(get(store().callbacks()).empty());
}

TEST_CASE_FIXTURE(Trial, "what is owed is listed oldest first, given up or not") {
  const std::int64_t first = owe(*this, kNoon + kDay);
  const std::int64_t second = owe(*this, kNoon);
  done(store().callbackFailed(first, "no", kNoon + kDay, true));
  const std::vector<Callback> all = get(store().callbacks());
  REQUIRE(all.size() == 2);
  CHECK(all[0].job_id == first);
  CHECK(all[1].job_id == second);
}

}  // namespace
}  // namespace tango::test
