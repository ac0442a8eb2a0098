#include "store/sqlite_job_store.hpp"

#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include "store/callback_rows.hpp"
#include "store/file_rows.hpp"
#include "store/forgetting.hpp"
#include "store/job_lists.hpp"
#include "store/job_steps.hpp"
#include "store/log_file.hpp"
#include "store/new_jobs.hpp"
#include "store/recent_outputs.hpp"
#include "store/schema.hpp"
#include "store/service_rows.hpp"
#include "store/threads.hpp"

namespace tango::store {
namespace {

/// How long the end of a job waits for those of others, where it may.
constexpr std::chrono::milliseconds kEndHold{10};

class Store : public JobStore {
 public:
  Store(const boost::asio::any_io_executor& executor, Session writing, Session reading,
        std::string owner, const std::vector<std::string>& courselabs)
      : executor_(executor),
        owner_(std::move(owner)),
        courselabs_(courselabs.begin(), courselabs.end()),
        threads_(executor, std::move(writing), std::move(reading)) {}

  awaitable<Result<Courselab>> openCourselab(std::string name, std::size_t files_max) override {
    if (courselabs_.contains(name)) {
      return threads_.read([name = std::move(name), files_max](Session& session) {
        return Courselab{.created = false, .files = filesUsedLast(session.db, name, files_max)};
      });
    }
    auto made = threads_.write([name, files_max](Session& session) {
      return store::openCourselab(session.db, name, files_max);
    });
    return noted(std::move(made), std::move(name));
  }
  awaitable<Result<void>> findCourselab(std::string name) override {
    if (courselabs_.contains(name)) {
      return found();
    }
    return threads_.read(
        [name = std::move(name)](Session& session) { return checkCourselab(session.db, name); });
  }
  awaitable<Result<std::vector<std::string>>> courselabs() override {
    return threads_.read([](Session& session) { return courselabNames(session.db); });
  }
  awaitable<Result<PutFile>> putFile(std::string courselab, std::string file, Blob blob,
                                     UnixMillis now) override {
    return threads_.write(
        [courselab = std::move(courselab), file = std::move(file), blob = std::move(blob),
         now](Session& session) { return store::putFile(session.db, courselab, file, blob, now); });
  }
  awaitable<Result<void>> putBlob(Blob blob, UnixMillis now) override {
    return threads_.write(
        [blob = std::move(blob), now](Session& session) { store::putBlob(session.db, blob, now); });
  }
  awaitable<Result<std::map<std::string, Blob>>> files(std::string courselab) override {
    return threads_.read([courselab = std::move(courselab)](Session& session) {
      return filesOf(session.db, courselab);
    });
  }
  awaitable<Result<std::vector<std::string>>> knownBlobs(std::vector<std::string> sha256) override {
    return threads_.read([sha256 = std::move(sha256)](Session& session) {
      return store::knownBlobs(session.db, sha256);
    });
  }

  awaitable<Result<AddedJob>> addJob(model::Submission submission, AddOptions options) override {
    return threads_.write([submission = std::move(submission), options = std::move(options),
                           executor = executor_](Session& session) {
      Result<AddedJob> added = store::addJob(session, submission, options);
      if (added && !added->repeated && options.announce && !session.db.failed()) {
        boost::asio::post(executor, [announce = options.announce, job = *added] { announce(job); });
        std::this_thread::yield();  // where both have one core, the job begins before the commit
      }
      return added;
    });
  }
  awaitable<Result<std::int64_t>> addRejectedJob(model::Submission submission,
                                                 std::vector<std::string> trace,
                                                 UnixMillis now) override {
    return threads_.write(
        [submission = std::move(submission), trace = std::move(trace), now](Session& session) {
          return store::addRejectedJob(session, submission, trace, now);
        });
  }
  awaitable<Result<JobRecord>> claim(std::int64_t id) override {
    return threads_.read([id](Session& session) { return store::claim(session.db, id); });
  }
  void note(std::int64_t id, JobProgress progress) override {
    threads_.writeSilently([id, progress = std::move(progress)](Session& session) {
      store::note(session.db, id, progress);
    });
  }
  void notePublished(std::int64_t id, std::chrono::microseconds took) override {
    threads_.writeSilently(
        [id, took](Session& session) { store::notePublished(session.db, id, took); });
  }
  awaitable<Result<void>> requeue(std::int64_t id, std::string trace_line) override {
    return threads_.write([id, trace_line = std::move(trace_line)](Session& session) {
      return store::requeue(session.db, id, trace_line);
    });
  }
  awaitable<Result<void>> endJob(std::int64_t id, model::JobEnd end,
                                 UnixMillis callback_due) override {
    const std::chrono::milliseconds hold = end.in_company ? kEndHold : std::chrono::milliseconds(0);
    std::optional<std::string> output = end.output;
    auto ended = threads_.write(
        [id, end = std::move(end), callback_due](Session& session) {
          return store::endJob(session, id, end, callback_due);
        },
        hold);
    return output ? remembered(std::move(ended), id, *std::move(output)) : std::move(ended);
  }
  awaitable<Result<std::vector<WaitingJob>>> recoverJobs(std::string trace_line) override {
    return threads_.write([trace_line = std::move(trace_line)](Session& session) {
      return store::recoverJobs(session.db, trace_line);
    });
  }
  awaitable<Result<JobRecord>> job(std::int64_t id) override {
    return threads_.read([id](Session& session) { return store::job(session.db, id); });
  }
  awaitable<Result<std::vector<JobRecord>>> jobs(JobFilter filter) override {
    return threads_.read(
        [filter = std::move(filter)](Session& session) { return store::jobs(session.db, filter); });
  }
  awaitable<Result<std::vector<std::int64_t>>> endedJobIds(std::size_t jobs_max) override {
    return threads_.read(
        [jobs_max](Session& session) { return store::endedJobIds(session.db, jobs_max); });
  }
  awaitable<Result<OutputLookup>> output(std::string courselab, std::string output_file) override {
    return threads_.read(
        [courselab = std::move(courselab), output_file = std::move(output_file)](Session& session) {
          return store::output(session.db, courselab, output_file);
        });
  }
  awaitable<Result<std::optional<std::string>>> storedOutput(std::int64_t id) override {
    if (const std::string* recent = recent_outputs_.find(id); recent != nullptr) {
      return at(*recent);
    }
    return threads_.read([id](Session& session) -> Result<std::optional<std::string>> {
      return store::storedOutput(session.db, id);
    });
  }

  awaitable<Result<std::vector<Callback>>> dueCallbacks(UnixMillis now, base::Millis wait_max,
                                                        std::size_t callbacks_max) override {
    return threads_.read([now, wait_max, callbacks_max](Session& session) {
      return store::dueCallbacks(session.db, now, wait_max, callbacks_max);
    });
  }
  awaitable<Result<std::optional<UnixMillis>>> nextCallbackDue(UnixMillis after) override {
    return threads_.read(
        [after](Session& session) { return store::nextCallbackDue(session.db, after); });
  }
  awaitable<Result<void>> callbackSent(std::int64_t job_id) override {
    return threads_.write([job_id](Session& session) { store::callbackSent(session.db, job_id); });
  }
  awaitable<Result<void>> callbackFailed(std::int64_t job_id, std::string error, UnixMillis due,
                                         bool give_up) override {
    return threads_.write([job_id, error = std::move(error), due, give_up](Session& session) {
      return store::callbackFailed(session.db, job_id, error, due, give_up);
    });
  }
  awaitable<Result<std::vector<Callback>>> callbacks() override {
    return threads_.read([](Session& session) { return store::callbacks(session.db); });
  }
  awaitable<Result<void>> resendCallback(std::int64_t job_id, UnixMillis now) override {
    return threads_.write(
        [job_id, now](Session& session) { return store::resendCallback(session.db, job_id, now); });
  }

  awaitable<Result<std::int64_t>> reserveVmIds(std::int64_t count) override {
    return threads_.write(
        [count](Session& session) { return store::reserveVmIds(session.db, count); });
  }
  awaitable<Result<void>> setPreallocation(std::string key, std::string value) override {
    return threads_.write([key = std::move(key), value = std::move(value)](Session& session) {
      store::setPreallocation(session.db, key, value);
    });
  }
  awaitable<Result<std::map<std::string, std::string>>> preallocations() override {
    return threads_.read([](Session& session) { return store::preallocations(session.db); });
  }
  void count(std::string name, std::int64_t by) override {
    threads_.writeSilently(
        [name = std::move(name), by](Session& session) { addToCounter(session.db, name, by); });
  }
  awaitable<Result<std::map<std::string, std::int64_t>>> counters() override {
    return threads_.read([](Session& session) { return store::counters(session.db); });
  }
  [[nodiscard]] std::string owner() const override { return owner_; }
  awaitable<Result<Forgotten>> forget(HistoryBounds bounds) override {
    return forgotten(
        threads_.write([bounds](Session& session) { return store::forget(session, bounds); }));
  }

 private:
  static awaitable<Result<void>> found() { co_return Result<void>(); }
  awaitable<Result<Forgotten>> forgotten(awaitable<Result<Forgotten>> asked) {
    Result<Forgotten> forgotten = co_await std::move(asked);
    recent_outputs_.clear();
    co_return forgotten;
  }
  static awaitable<Result<std::optional<std::string>>> at(std::string output) {
    co_return std::optional(std::move(output));
  }
  awaitable<Result<void>> remembered(awaitable<Result<void>> ended, std::int64_t id,
                                     std::string output) {
    Result<void> stored = co_await std::move(ended);
    if (stored) {
      recent_outputs_.add(id, std::move(output));
    }
    co_return stored;
  }
  awaitable<Result<Courselab>> noted(awaitable<Result<Courselab>> made, std::string name) {
    Result<Courselab> courselab = co_await std::move(made);
    if (courselab) {
      courselabs_.insert(std::move(name));
    }
    co_return courselab;
  }

  const boost::asio::any_io_executor executor_;
  std::string owner_;
  std::unordered_set<std::string> courselabs_;  ///< those known to be there; they stay
  RecentOutputs recent_outputs_;
  Threads threads_;
};

void configure(sqlite::Connection& db) {
  db.run("PRAGMA foreign_keys = ON");
  db.setSync(sqlite::Sync::kYes);
  db.run("PRAGMA temp_store = MEMORY");
  db.run("PRAGMA cache_size = -65536");  // KiB
  // What is deleted (a job's keys) is overwritten where that costs no more writing.
  db.run("PRAGMA secure_delete = FAST");
}

void useLog(sqlite::Connection& db) {
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA journal_size_limit = 67108864");
}

Totals totalsOf(sqlite::Connection& db) {
  Totals totals;
  const auto number = [&db](std::string_view sql) {
    sqlite::Query query(db, sql);
    return query.step() ? query.integer(0) : 0;
  };
  totals.unended_jobs = static_cast<std::uint64_t>(
      number("SELECT count(*) FROM job WHERE state IN ('queued', 'running')"));
  totals.ended_jobs =
      static_cast<std::uint64_t>(number("SELECT count(*) FROM job WHERE ended IS NOT NULL"));
  totals.last_job_id = number("SELECT seq FROM sqlite_sequence WHERE name = 'job'");
  return totals;
}

}  // namespace

Result<std::unique_ptr<JobStore>> SqliteJobStore::open(const boost::asio::any_io_executor& executor,
                                                       const std::filesystem::path& file) {
  Result<sqlite::Connection> writing = sqlite::Connection::open(file, sqlite::Access::kWrite);
  if (!writing) {
    return writing.error();
  }
  configure(*writing);
  if (const Result<void> migrated = migrate(*writing, migrations()); !migrated) {
    return migrated.error();
  }
  useLog(*writing);
  const Totals totals = totalsOf(*writing);
  std::string owner = ownerOf(*writing);
  const std::vector<std::string> courselabs = courselabNames(*writing);
  if (const Result<void> ready = writing->takeResult(); !ready) {
    return ready.error();
  }
  if (const Result<void> laid_out = layOutLog(file); !laid_out) {
    return laid_out.error();
  }
  Result<sqlite::Connection> reading = sqlite::Connection::open(file, sqlite::Access::kRead);
  if (!reading) {
    return reading.error();
  }
  return std::unique_ptr<JobStore>(
      std::make_unique<Store>(executor, Session{*std::move(writing), totals, {}},
                              Session{*std::move(reading), {}, {}}, std::move(owner), courselabs));
}

}  // namespace tango::store
