// A JobStore in memory, for simulations: as quick as a map, and a run is the same each time. It
// keeps the contract of job_store.hpp and is proven by the same suite as the real one. A call has
// its effect when it is made; its answer comes later.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/event.hpp"
#include "store/job_store.hpp"
#include "support/mem_jobs.hpp"

namespace tango::test {

class MemJobStore final : public store::JobStore {
 public:
  template <class T>
  using Answer = boost::asio::awaitable<base::Result<T>>;

  MemJobStore(boost::asio::any_io_executor executor, std::shared_ptr<MemJobs> data);

  /// Asked before each write, and each claim; an error is its answer, and nothing is stored.
  void failBy(std::function<std::optional<base::Error>()> fault) { fault_ = std::move(fault); }
  /// A slow disk: what addJob answers waits for `durable`; announcements do not.
  void addSlowly(std::shared_ptr<async::Event> durable) { durable_ = std::move(durable); }

  Answer<store::Courselab> openCourselab(std::string name, std::size_t files_max) override;
  Answer<void> findCourselab(std::string name) override;
  Answer<std::vector<std::string>> courselabs() override;
  Answer<store::PutFile> putFile(std::string courselab, std::string file, store::Blob blob,
                                 base::UnixMillis now) override;
  Answer<void> putBlob(store::Blob blob, base::UnixMillis now) override;
  Answer<std::map<std::string, store::Blob>> files(std::string courselab) override;
  Answer<std::vector<std::string>> knownBlobs(std::vector<std::string> sha256) override;

  Answer<store::AddedJob> addJob(model::Submission submission, store::AddOptions options) override;
  Answer<std::int64_t> addRejectedJob(model::Submission submission, std::vector<std::string> trace,
                                      base::UnixMillis now) override;
  Answer<model::JobRecord> claim(std::int64_t id) override;
  void note(std::int64_t id, store::JobProgress progress) override;
  void notePublished(std::int64_t id, std::chrono::microseconds took) override;
  Answer<void> requeue(std::int64_t id, std::string trace_line) override;
  Answer<void> endJob(std::int64_t id, model::JobEnd end, base::UnixMillis callback_due) override;
  Answer<std::vector<store::WaitingJob>> recoverJobs(std::string trace_line) override;
  Answer<model::JobRecord> job(std::int64_t id) override;
  Answer<std::vector<model::JobRecord>> jobs(store::JobFilter filter) override;
  Answer<std::vector<std::int64_t>> endedJobIds(std::size_t jobs_max) override;
  Answer<store::OutputLookup> output(std::string courselab, std::string output_file) override;
  Answer<std::optional<std::string>> storedOutput(std::int64_t id) override;

  Answer<std::vector<store::Callback>> dueCallbacks(base::UnixMillis now, base::Millis wait_max,
                                                    std::size_t callbacks_max) override;
  Answer<std::optional<base::UnixMillis>> nextCallbackDue(base::UnixMillis after) override;
  Answer<void> callbackSent(std::int64_t job_id) override;
  Answer<void> callbackFailed(std::int64_t job_id, std::string error, base::UnixMillis due,
                              bool give_up) override;
  Answer<std::vector<store::Callback>> callbacks() override;
  Answer<void> resendCallback(std::int64_t job_id, base::UnixMillis now) override;

  Answer<std::int64_t> reserveVmIds(std::int64_t count) override;
  Answer<void> setPreallocation(std::string key, std::string value) override;
  Answer<std::map<std::string, std::string>> preallocations() override;
  void count(std::string name, std::int64_t by) override;
  Answer<std::map<std::string, std::int64_t>> counters() override;
  [[nodiscard]] std::string owner() const override { return data_->owner; }
  Answer<store::Forgotten> forget(store::HistoryBounds bounds) override;

 private:
  /// The answer of a call that has had its effect.
  template <class T>
  Answer<T> answer(base::Result<T> result) {
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
    co_return result;
  }
  /// The answer of a write: `effect` is not called if it is to fail.
  template <class Effect>
  auto write(Effect effect) -> boost::asio::awaitable<decltype(effect())> {
    const std::optional<base::Error> fault = fault_ ? fault_() : std::nullopt;
    return answer(fault ? decltype(effect())(*fault) : effect());
  }

  Answer<store::AddedJob> added(base::Result<store::AddedJob> result);

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<MemJobs> data_;
  std::shared_ptr<async::Event> durable_;
  std::function<std::optional<base::Error>()> fault_;
};

}  // namespace tango::test
