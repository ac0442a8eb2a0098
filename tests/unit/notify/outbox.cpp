#include "unit/notify/outbox.hpp"

#include <cerrno>
#include <exception>
#include <utility>

#include <doctest/doctest.h>
#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>

#include "store/sqlite_job_store.hpp"

namespace tango::test {
namespace {

constexpr const char* kLab = "lab";

}  // namespace

Outbox::Outbox(notify::NotifierConfig config, const StoreOpener& open)
    : config_(std::move(config)) {
  if (open) {
    store_ = open(context_);
  } else {
    auto opened = store::SqliteJobStore::open(context_.get_executor(), folder_.path() / "tango.db");
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message()));
    store_ = *std::move(opened);
  }
  REQUIRE(run(store_->openCourselab(kLab, 1)).ok());
  makeNotifier();
}

Outbox::~Outbox() {
  stop();
}

void Outbox::makeNotifier() {
  notifier_ = notify::Notifier::make(
      context_.get_executor(), *store_, config_,
      [this](std::int64_t job_id) { return openOutput(job_id); }, [this] { return now_; });
}

base::Result<base::UniqueFd> Outbox::openOutput(std::int64_t job_id) {
  const auto spoiled = spoiled_.find(job_id);
  if (spoiled != spoiled_.end()) {
    return spoiled->second;
  }
  const std::string path = folder_.path() / std::to_string(job_id);
  base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return base::systemError(errno, "open the output");
  }
  return file;
}

std::int64_t Outbox::owe(const std::string& url, const std::string& content,
                         const std::string& output_file, base::UnixMillis due) {
  model::Submission job;
  job.courselab = kLab;
  job.name = "job";
  job.vmms = "sandbox";
  job.output_file = output_file;
  job.callback_url = url;
  store::AddOptions options;
  options.now = now_;
  const auto added = run(store_->addJob(job, options));
  REQUIRE_MESSAGE(added.ok(), (added ? "" : added.error().message()));
  static_cast<void>(folder_.write(std::to_string(added->id), content));
  model::JobEnd end;
  end.verdict = model::Verdict::kSucceeded;
  end.times.ended = now_;
  REQUIRE(run(store_->endJob(added->id, end, due == 0 ? now_ : due)).ok());
  return added->id;
}

void Outbox::spoilOutput(std::int64_t job_id, base::Error error) {
  spoiled_.insert_or_assign(job_id, std::move(error));
}

void Outbox::start() {
  running_ = true;
  boost::asio::co_spawn(context_, notifier_->run(), [this](const std::exception_ptr& thrown) {
    running_ = false;
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  });
}

void Outbox::stop() {
  notifier_->stop();
  until([this] { return !running_; });
}

void Outbox::restart() {
  stop();
  makeNotifier();
  start();
}

void Outbox::advance(base::Millis duration) {
  advanceQuietly(duration);
  wake();
}

void Outbox::until(const std::function<bool()>& holds) {
  context_.restart();
  while (!holds()) {
    context_.run_one_for(base::Millis(1));
  }
}

std::map<std::int64_t, store::Callback> Outbox::owed() {
  const auto all = run(store_->callbacks());
  REQUIRE(all.ok());
  std::map<std::int64_t, store::Callback> by_job;
  for (const store::Callback& each : *all) {
    by_job.emplace(each.job_id, each);
  }
  return by_job;
}

store::Callback Outbox::afterAttempts(std::int64_t job_id, int attempts) {
  for (;;) {
    const auto all = owed();
    REQUIRE(all.contains(job_id));
    if (all.at(job_id).attempts >= attempts) {
      CHECK(all.at(job_id).attempts == attempts);
      return all.at(job_id);
    }
  }
}

void Outbox::untilAllSent() {
  while (!owed().empty()) {
  }
}

}  // namespace tango::test
