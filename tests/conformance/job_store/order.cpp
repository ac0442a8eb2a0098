#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "async/task_group.hpp"
#include "conformance/job_store/store_under_test.hpp"
#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::Result;
using boost::asio::awaitable;
using store::AddedJob;

TEST_CASE_FIXTURE(Trial, "calls take effect in the order in which they were made") {
  auto renamed = store().putFile("lab", "main.c", blobOf('c'), kNoon);
  auto with_new = store().addJob(submission(), at(kNoon));
  auto renamed_again = store().putFile("lab", "main.c", blobOf('d'), kNoon);
  // Waited for in another order.
  static_cast<void>(get(std::move(renamed_again)));
  const std::int64_t id = get(std::move(with_new)).id;
  static_cast<void>(get(std::move(renamed)));
  CHECK(get(store().job(id)).submission.files[0].sha256 == blobOf('c').sha256);
  CHECK(get(store().files("lab")).at("main.c").sha256 == blobOf('d').sha256);
}

TEST_CASE_FIXTURE(Trial, "a call that nobody waits for is done all the same") {
  {
    auto ignored = store().addJob(submission(), at(kNoon));
  }
  {
    auto ignored = store().setPreallocation("key", "value");
  }
  reopen();
  CHECK(get(store().jobs({})).size() == 1);
  CHECK(get(store().preallocations()).size() == 1);
}

TEST_CASE_FIXTURE(Trial, "one request that fails does no harm to those beside it") {
  model::Submission bad = submission();
  bad.files.push_back({"missing", "missing", ""});
  std::vector<awaitable<Result<AddedJob>>> under_way;
  for (int i = 0; i < 300; ++i) {
    under_way.push_back(store().addJob(i % 3 == 0 ? bad : submission(), at(kNoon)));
  }
  std::int64_t last = 0;
  for (std::size_t i = 0; i < under_way.size(); ++i) {
    const Result<AddedJob> added = run(std::move(under_way[i]));
    CHECK(added.ok() == (i % 3 != 0));
    if (added) {
      CHECK(added.value().id > last);
      last = added.value().id;
    }
  }
  reopen();
  CHECK(get(store().jobs(
                {.state = {}, .verdict = {}, .courselab = {}, .before_id = {}, .jobs_max = 1'000}))
            .size() == 200);
}

awaitable<void> addOneAfterAnother(Trial& trial, int jobs, std::vector<std::int64_t>& seen) {
  for (int i = 0; i < jobs; ++i) {
    const Result<AddedJob> added = co_await trial.store().addJob(submission(), at(kNoon));
    if (!added) {
      co_return;
    }
    // A read sees every write that was answered.
    const Result<model::JobRecord> job = co_await trial.store().job(added.value().id);
    if (job) {
      seen.push_back(job.value().id);
    }
  }
}

TEST_CASE_FIXTURE(Trial, "many coroutines at once each see what they were told is stored") {
  std::vector<std::int64_t> seen;
  async::TaskGroup tasks(context().get_executor());
  for (int i = 0; i < 50; ++i) {
    tasks.start(addOneAfterAnother(*this, 20, seen));
  }
  const auto all = [](async::TaskGroup& group) -> awaitable<Result<void>> {
    co_await group.allEnded();
    co_return Result<void>();
  };
  done(all(tasks));
  CHECK(seen.size() == 1'000);
}

TEST_CASE("a service that ends without waiting leaks nothing, and what it asked for is stored") {
  const TempFolder folder;
  {
    boost::asio::io_context context;
    auto opened = openStoreUnderTest(context.get_executor(), folder.path());
    REQUIRE(opened.ok());
    async::TaskGroup tasks(context.get_executor());
    const auto wait = [](store::JobStore& store) -> awaitable<void> {
      const auto made = co_await store.openCourselab("lab", 1);
      static_cast<void>(made);
    };
    tasks.start(wait(**opened));
    context.poll_one();
  }
  boost::asio::io_context context;
  const auto opened = openStoreUnderTest(context.get_executor(), folder.path());
  REQUIRE(opened.ok());
  CHECK(runOn(context, opened.value()->courselabs()).value().size() == 1);
}

}  // namespace
}  // namespace tango::test
