// A service that is killed at any moment: what it was answered is there afterwards.
#include <array>
#include <csignal>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>

#include "async/task_group.hpp"
#include "unit/store/open_store.hpp"

namespace tango::store {
namespace {

using base::Result;
using boost::asio::awaitable;
using test::OpenStore;
using test::TempFolder;

/// What the service tells of a job, each as soon as it was answered.
enum class Told : std::int64_t { kAdded, kClaimed, kEnded };
struct Report {
  std::int64_t job = 0;
  Told told = Told::kAdded;
};

void tell(int pipe_fd, Report report) {
  static_cast<void>(!::write(pipe_fd, &report, sizeof report));
}

/// Takes one job after another to its end, or half the way, until the process is killed.
awaitable<void> work(JobStore& store, int pipe_fd, int number) {
  for (std::int64_t i = 0;; ++i) {
    model::Submission job = OpenStore::jobNamed("job");
    job.files = {{"a", "a", ""}, {"b", "b", ""}};
    job.callback_url = "http://autolab";
    const Result<AddedJob> added = co_await store.addJob(job, OpenStore::then());
    TANGO_ASSERT(added.ok(), "the test's service adds a job");
    const std::int64_t id = added.value().id;
    tell(pipe_fd, {id, Told::kAdded});
    if ((i + number) % 4 == 0) {
      continue;
    }
    const Result<model::JobRecord> claimed = co_await store.claim(id);
    TANGO_ASSERT(claimed.ok(), "the test's service claims its job");
    tell(pipe_fd, {id, Told::kClaimed});
    store.note(id, {.dispatched = test::kThen,
                    .retries = 1,
                    .vm_name = "vm",
                    .vm_id = {},
                    .trace = {"noted"}});
    if ((i + number) % 4 == 1) {
      continue;
    }
    model::JobEnd end;
    end.verdict = model::Verdict::kFailed;
    end.times.ended = test::kThen;
    end.trace = {"ended"};
    const Result<void> ended = co_await store.endJob(id, end, test::kThen);
    TANGO_ASSERT(ended.ok(), "the test's service ends its job");
    tell(pipe_fd, {id, Told::kEnded});
  }
}

[[noreturn]] void serve(const std::filesystem::path& file, int pipe_fd) {
  boost::asio::io_context context;
  const auto opened = SqliteJobStore::open(context.get_executor(), file);
  TANGO_ASSERT(opened.ok(), "the test's service opens its store");
  async::TaskGroup tasks(context.get_executor());
  for (int i = 0; i < 8; ++i) {
    tasks.start(work(*opened.value(), pipe_fd, i));
  }
  context.run();
  ::_exit(0);
}

/// Runs a service that is killed after so many reports, and then so many turns of the scheduler,
/// and notes the last that it told of each job.
void serveUntilKilled(const std::filesystem::path& file, int reports, int turns,
                      std::map<std::int64_t, Told>& told) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    serve(file, ends[1]);
  }
  ::close(ends[1]);
  const auto take = [&] {
    Report report;
    if (::read(ends[0], &report, sizeof report) != static_cast<ssize_t>(sizeof report)) {
      return false;
    }
    told[report.job] = report.told;
    return true;
  };
  for (int i = 0; i < reports && take(); ++i) {
  }
  for (int i = 0; i < turns; ++i) {
    std::this_thread::yield();
  }
  REQUIRE(::kill(child, SIGKILL) == 0);
  while (take()) {
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

/// Everything that was told is so, and a job that was told to have ended has all of its end.
void checkTold(OpenStore& on, const std::map<std::int64_t, Told>& told) {
  std::map<std::int64_t, Callback> owed;
  const Result<std::vector<Callback>> callbacks = on.run(on.store().callbacks());
  REQUIRE(callbacks.ok());
  for (const Callback& callback : callbacks.value()) {
    owed.emplace(callback.job_id, callback);
  }
  for (const auto& [id, what] : told) {
    const Result<model::JobRecord> job = on.run(on.store().job(id));
    REQUIRE(job.ok());
    const bool ended = job.value().state == model::JobState::kEnded;
    CHECK((ended || what != Told::kEnded));
    CHECK(ended == owed.contains(id));
    if (ended) {
      CHECK(job.value().trace.size() == 3);
      CHECK(job.value().vm_name == "vm");
    }
  }
}

TEST_CASE("what a killed service was answered is there, and its other jobs can be run") {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "jobs.sqlite";
  {
    OpenStore on(file);
    REQUIRE(on.run(on.store().openCourselab("lab", 1)).ok());
    for (const char* name : {"a", "b"}) {
      REQUIRE(on.run(on.store().putFile("lab", name, {name, name, 1}, test::kThen)).ok());
    }
  }
  std::mt19937 random(20261124);  // NOLINT(cert-msc51-cpp): the same moments each time
  std::map<std::int64_t, Told> told;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    serveUntilKilled(file, std::uniform_int_distribution(0, 400)(random),
                     std::uniform_int_distribution(0, 5'000)(random), told);
    OpenStore on(file);
    checkTold(on, told);
    const auto waiting = on.run(on.store().recoverJobs("again"));
    REQUIRE(waiting.ok());
    for (const WaitingJob& job : waiting.value()) {
      CHECK((!told.contains(job.id) || told.at(job.id) != Told::kEnded));
      REQUIRE(on.run(on.store().claim(job.id)).ok());
      REQUIRE(on.run(on.store().requeue(job.id, "back")).ok());
      break;
    }
    CHECK(on.run(on.store().reserveVmIds(1)).value() == 1'000 + round);
    on.close();
    REQUIRE(test::soundness(file) == "ok");
  }
  CHECK(told.size() > 500);
}

}  // namespace
}  // namespace tango::store
