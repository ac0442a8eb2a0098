#include "store/writer.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <sqlite3.h>

#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "store/log_file.hpp"

namespace tango::store {
namespace {

using base::Error;

/// How long until what nobody waits for is tried again.
constexpr std::chrono::seconds kRetryPause{1};
/// At most so many are kept for that.
constexpr std::size_t kKeptMax = 10'000;

/// From so many pages in the log on they are put into the file even if readers have to wait.
constexpr int kCheckpointPagesMax = 16'000;

int notePages(void* log_pages, sqlite3* /*db*/, const char* /*name*/, int pages) {
  *static_cast<int*>(log_pages) = pages;
  return SQLITE_OK;
}

/// What was counted has been undone. But an id that may have been announced is not given again.
void setBack(Session& session, const Totals& before) {
  const std::int64_t last_job_id = session.totals.last_job_id;
  session.totals = before;
  session.totals.last_job_id = last_job_id;
  session.recent_jobs.clear();
}

}  // namespace

Writer::Writer(boost::asio::any_io_executor executor, Session session)
    : executor_(std::move(executor)), session_(std::move(session)) {
  // Instead of SQLite's own, which would do it before the answers are sent.
  sqlite3_wal_hook(session_.db.handle(), notePages, &log_pages_);
  thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
  queue_.close();
  thread_.join();
}

void Writer::loop() {
  Batch kept;
  for (;;) {
    Batch fresh = queue_.take(kept.empty() ? std::nullopt : std::optional(kRetryPause));
    const bool last = fresh.empty() && queue_.closed();
    Batch batch = std::move(kept);
    for (std::unique_ptr<Request>& request : fresh) {
      batch.push_back(std::move(request));
    }
    kept = batch.empty() ? Batch() : write(std::move(batch));
    if (last) {
      if (!kept.empty()) {
        base::logError("store: " + std::to_string(kept.size()) +
                       " notes of what happened to jobs are lost");
      }
      return;
    }
  }
}

Batch Writer::write(Batch batch) {
  std::optional<Error> failure = transact(batch, Apart::kNo);
  if (failure) {
    failure = transact(batch, Apart::kYes);
  }
  noteTrouble(failure);
  Batch answers;
  Batch kept;
  for (std::unique_ptr<Request>& request : batch) {
    if (failure) {
      request->fail(*failure);
    }
    if (request->answered()) {
      answers.push_back(std::move(request));
    } else if (failure && kept.size() < kKeptMax) {
      kept.push_back(std::move(request));
    } else if (request->failed()) {
      base::logError("store: a note of what happened to a job is lost");
    }
  }
  if (!answers.empty()) {
    boost::asio::post(executor_, Delivery(std::move(answers)));
  }
  checkpoint();
  return kept;
}

std::optional<Error> Writer::transact(const Batch& batch, Apart apart) {
  const Totals before = session_.totals;
  sqlite::Connection& db = session_.db;
  const bool answered =
      std::any_of(batch.begin(), batch.end(), [](const auto& each) { return each->answered(); });
  db.setSync(answered ? sqlite::Sync::kYes : sqlite::Sync::kNo);
  sqlite::Transaction transaction(db);
  for (const std::unique_ptr<Request>& request : batch) {
    if (db.failed()) {
      break;
    }
    if (apart == Apart::kYes) {
      runApart(*request);
    } else {
      request->run(session_);
    }
  }
  transaction.commit();
  std::optional<Error> error = db.takeError();
  if (error) {
    setBack(session_, before);
  }
  return error;
}

void Writer::runApart(Request& request) {
  const Totals before = session_.totals;
  sqlite::Connection& db = session_.db;
  db.run("SAVEPOINT request");
  request.run(session_);
  // If SQLite has undone everything, as on a full disk, the error goes on to the whole batch.
  if (db.failed() && db.inTransaction()) {
    request.fail(*db.takeError());
    setBack(session_, before);
    db.run("ROLLBACK TO request");
  }
  db.run("RELEASE request");
}

void Writer::noteTrouble(const std::optional<Error>& error) {
  if (error.has_value() != trouble_) {
    trouble_ = error.has_value();
    base::log(trouble_ ? base::LogLevel::kError : base::LogLevel::kInfo,
              trouble_ ? "store: nothing can be stored: " + error->message()
                       : std::string("store: things are stored again"));
  }
}

void Writer::checkpoint() {
  if (log_pages_ < kCheckpointPages) {
    return;
  }
  const int mode = log_pages_ < kCheckpointPagesMax ? SQLITE_CHECKPOINT_PASSIVE  //
                                                    : SQLITE_CHECKPOINT_RESTART;
  int pages = 0;
  int done = 0;
  // A failure loses nothing, and the next commit leads here again.
  sqlite3_wal_checkpoint_v2(session_.db.handle(), nullptr, mode, &pages, &done);
  if (done == pages) {
    log_pages_ = 0;
  }
}

}  // namespace tango::store
