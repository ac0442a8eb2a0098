#include "history/history_keeper.hpp"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "base/safe_path.hpp"
#include "store/sqlite_job_store.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"

namespace tango::history {
namespace {

constexpr base::Millis kHour{3'600'000};
constexpr base::Millis kDay = 24 * kHour;

// A data folder with the real store and files, at a time that a test sets.
class Bench {
 public:
  Bench() {
    fd_ = *base::openDirectory(data_.path().c_str());
    blobs_ = *files::BlobStore::open(fd_.get(), data_.path(), [this] { return now_; });
    outputs_ = *files::Outputs::openIn(fd_.get());
    store_ = *store::SqliteJobStore::open(context_.get_executor(), data_.path() / "tango.db");
    REQUIRE(run(store_->openCourselab("lab", 10)).ok());
  }
  ~Bench() { blocking_.join(); }

  template <class T>
  T run(boost::asio::awaitable<T> operation) {
    return test::runOn(context_, std::move(operation));
  }
  void later(base::Millis by) { now_ += by.count(); }

  HistoryKeeper keeper(HistoryConfig config) {
    return {context_.get_executor(), *store_, *blobs_, *outputs_, blocking_, config,
            [this] { return now_; }};
  }
  void look(HistoryConfig config) {
    HistoryKeeper wanted = keeper(config);
    const base::Result<void> looked = run(wanted.look());
    CHECK_MESSAGE(looked.ok(), (looked ? "" : looked.error().message()));
  }

  /// Content in its place, by its hash.
  store::Blob keep(const std::string& content) {
    base::Result<files::Upload> upload = blobs_->begin();
    REQUIRE(upload.ok());
    REQUIRE(upload->write(content).ok());
    const base::Result<files::StoredBlob> kept = upload->keep();
    REQUIRE(kept.ok());
    return {kept->sha256, kept->md5, kept->bytes};
  }
  store::Blob upload(const std::string& name, const std::string& content) {
    const store::Blob blob = keep(content);
    REQUIRE(run(store_->putFile("lab", name, blob, now_)).ok());
    return blob;
  }
  std::int64_t add() {
    model::Submission job;
    job.courselab = "lab";
    job.name = "job";
    job.vmms = "sandbox";
    job.files = {{"Makefile", "Makefile", ""}};
    job.output_file = "out";
    store::AddOptions options;
    options.now = now_;
    return run(store_->addJob(job, options))->id;
  }
  void end(std::int64_t id) {
    auto output = outputs_->create(id);
    REQUIRE(output.ok());
    REQUIRE((*output)->file.publish().ok());
    model::JobEnd end;
    end.verdict = model::Verdict::kSucceeded;
    end.times.ended = now_;
    REQUIRE(run(store_->endJob(id, end, now_)).ok());
  }
  [[nodiscard]] bool hasOutput(std::int64_t id) const { return outputs_->open(id).ok(); }
  [[nodiscard]] bool hasContent(const store::Blob& blob) const {
    return blobs_->openBlob(blob.sha256).ok();
  }

 private:
  test::TempFolder data_;
  base::UniqueFd fd_;
  boost::asio::io_context context_;
  boost::asio::thread_pool blocking_{1};
  // Content is as old as its file: the clock starts where the file system's is.
  base::UnixMillis now_ = base::unixNow();
  std::unique_ptr<files::BlobStore> blobs_;
  std::unique_ptr<files::Outputs> outputs_;
  std::unique_ptr<store::JobStore> store_;
};

TEST_CASE("of the ended jobs only the newest are kept, and the outputs of the others go") {
  Bench bench;
  bench.upload("Makefile", "all:\n");
  const std::int64_t first = bench.add();
  bench.end(first);
  const std::int64_t second = bench.add();
  bench.end(second);
  bench.look({.ended_jobs_max = 1});
  CHECK_FALSE(bench.hasOutput(first));
  CHECK(bench.hasOutput(second));
}

TEST_CASE("an ended job that is too old goes, one that waits never") {
  Bench bench;
  bench.upload("Makefile", "all:\n");
  const std::int64_t ended = bench.add();
  const std::int64_t waiting = bench.add();
  bench.end(ended);
  bench.later(10 * kDay);
  bench.look({.ended_jobs_age_max = 20 * kDay});
  CHECK(bench.hasOutput(ended));
  bench.later(11 * kDay);
  bench.look({.ended_jobs_age_max = 20 * kDay});
  CHECK_FALSE(bench.hasOutput(ended));
  bench.end(waiting);  // it was still there
  CHECK(bench.hasOutput(waiting));
}

TEST_CASE("content goes once no file and no job that waits has it") {
  Bench bench;
  const store::Blob old = bench.upload("Makefile", "all:\n\techo old\n");
  const std::int64_t waiting = bench.add();
  const store::Blob now = bench.upload("Makefile", "all:\n\techo new\n");
  bench.later(2 * kHour);
  bench.look({});
  CHECK(bench.hasContent(old));
  CHECK(bench.hasContent(now));
  bench.end(waiting);
  bench.look({});
  CHECK_FALSE(bench.hasContent(old));
  CHECK(bench.hasContent(now));
  bench.later(100 * kDay);
  bench.look({.unused_files_age_max = 50 * kDay});
  CHECK_FALSE(bench.hasContent(now));
}

TEST_CASE("content that the store never heard of goes when it is no longer young") {
  Bench bench;
  const store::Blob known = bench.upload("Makefile", "all:\n");
  const store::Blob orphan = bench.keep("uploaded as the service was killed");
  HistoryKeeper keeper = bench.keeper({});
  CHECK(bench.run(keeper.removeOrphans()).ok());
  CHECK(bench.hasContent(orphan));  // its use may be about to be stored
  bench.later(2 * kHour);
  CHECK(bench.run(keeper.removeOrphans()).ok());
  CHECK_FALSE(bench.hasContent(orphan));
  CHECK(bench.hasContent(known));
}

}  // namespace
}  // namespace tango::history
