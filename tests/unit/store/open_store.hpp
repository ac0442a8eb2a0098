// The store as a service has it, in a file that a test also looks into by itself.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "store/sqlite_job_store.hpp"
#include "support/run_on.hpp"
#include "unit/store/fresh_session.hpp"

namespace tango::test {

inline constexpr base::UnixMillis kThen = 1'795'521'600'000;

class OpenStore {
 public:
  explicit OpenStore(std::filesystem::path file) : file_(std::move(file)) { open(); }

  [[nodiscard]] store::JobStore& store() { return *store_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  void close() { store_.reset(); }
  void open() {
    auto opened = store::SqliteJobStore::open(context_.get_executor(), file_);
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message()));
    store_ = *std::move(opened);
  }
  template <class T>
  base::Result<T> run(boost::asio::awaitable<base::Result<T>> operation) {
    return runOn(context_, std::move(operation));
  }
  /// Adds a job of that name, without files.
  base::Result<store::AddedJob> add(const std::string& name) {
    return run(store_->addJob(jobNamed(name), then()));
  }
  static store::AddOptions then() {
    store::AddOptions options;
    options.now = kThen;
    options.first_trace_line = "added %ID%";
    return options;
  }
  static model::Submission jobNamed(const std::string& name) {
    model::Submission job;
    job.courselab = "lab";
    job.name = name;
    job.output_file = name;
    return job;
  }

 private:
  std::filesystem::path file_;
  boost::asio::io_context context_;
  std::unique_ptr<store::JobStore> store_;
};

/// What SQLite itself, and the counting of contents' users, say of a file: "ok".
inline std::string soundness(const std::filesystem::path& file) {
  store::sqlite::Connection db = openFile(file);
  const std::string whole = valueOf(db, "PRAGMA integrity_check");
  const std::string loose = valueOf(db, "SELECT count(*) FROM pragma_foreign_key_check");
  const std::string miscounted =
      valueOf(db,
              "SELECT count(*) FROM blob WHERE users <>"
              " (SELECT count(*) FROM file WHERE file.sha256 = blob.sha256) +"
              " (SELECT count(DISTINCT job.id) FROM job JOIN job_input ON job_input.job = job.id"
              "  WHERE job.state <> 'ended' AND job_input.sha256 = blob.sha256)");
  const std::string dangling = valueOf(
      db,
      "SELECT count(*) FROM job JOIN job_input ON job_input.job = job.id WHERE state <> 'ended'"
      " AND sha256 NOT IN (SELECT sha256 FROM blob)");
  if (loose != "0" || miscounted != "0" || dangling != "0") {
    return loose + " loose rows, " + miscounted + " contents miscounted, " + dangling + " dangling";
  }
  return whole;
}

}  // namespace tango::test
