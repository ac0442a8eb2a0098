#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/job_json.hpp"

namespace tango::api::v1 {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kJobsDefault = 100;
constexpr std::uint64_t kJobsMax = 500;
constexpr std::uint64_t kIdMax = 1ULL << 62;

OrProblem<store::JobFilter> readFilter(const Request& request) {
  QueryFields query(request.query);
  store::JobFilter filter;
  if (const auto state = query.text("state")) {
    filter.state = model::jobStateNamed(*state);
    if (!filter.state) {
      query.fail("state", "must be queued, running or ended");
    }
  }
  if (const auto verdict = query.text("verdict")) {
    filter.verdict = model::verdictNamed(*verdict);
    if (!filter.verdict) {
      query.fail("verdict",
                 "must be succeeded, failed, limit, internal_error, cancelled or rejected");
    }
  }
  filter.courselab = query.text("courselab");
  if (const auto before = query.whole("before", 1, kIdMax)) {
    filter.before_id = static_cast<std::int64_t>(*before);
  }
  filter.jobs_max = query.whole("limit", 1, kJobsMax).value_or(kJobsDefault);
  if (auto problem = query.finish()) {
    return *std::move(problem);
  }
  return filter;
}

/// The id of a request that has no query string.
OrProblem<std::int64_t> bareId(const Request& request) {
  if (auto problem = unknownQuery(request)) {
    return *std::move(problem);
  }
  return jobId(request);
}

}  // namespace

awaitable<Response> listJobs(const Service& service, Request& request) {
  OrProblem<store::JobFilter> read = readFilter(request);
  if (auto* problem = std::get_if<Problem>(&read)) {
    co_return answer(std::move(*problem));
  }
  auto& filter = std::get<store::JobFilter>(read);
  const std::size_t jobs_max = filter.jobs_max;
  ++filter.jobs_max;  // the one more tells whether there is a next page
  Result<std::vector<model::JobRecord>> jobs = co_await service.store.jobs(filter);
  if (!jobs) {
    co_return answer(problemOf(jobs.error()));
  }
  const bool more = jobs->size() > jobs_max;
  if (more) {
    jobs->pop_back();
  }
  boost::json::array list;
  for (const model::JobRecord& job : *jobs) {
    list.push_back(jobJson(job, std::nullopt));
  }
  boost::json::value next = more ? boost::json::value(jobs->back().id) : nullptr;
  co_return answer(200, boost::json::object{{"jobs", std::move(list)}, {"next", std::move(next)}});
}

awaitable<Response> getJob(const Service& service, Request& request) {
  OrProblem<std::int64_t> id = jobId(request);
  QueryFields query(request.query);
  const base::Deadline deadline = waitDeadline(query);
  if (auto problem = query.finish()) {
    co_return answer(*std::move(problem));
  }
  if (auto* problem = std::get_if<Problem>(&id)) {
    co_return answer(std::move(*problem));
  }
  Result<model::JobRecord> job = co_await service.store.job(std::get<std::int64_t>(id));
  if (job && job->state != model::JobState::kEnded && base::SteadyClock::now() < deadline) {
    co_await waitForEnd(service, job->id, deadline);
    job = co_await service.store.job(job->id);
  }
  if (!job) {
    co_return answer(problemOf(job.error()));
  }
  co_return answer(200, shownJob(service, *job));
}

awaitable<Response> cancelJob(const Service& service, Request& request) {
  OrProblem<std::int64_t> id = bareId(request);
  if (auto* problem = std::get_if<Problem>(&id)) {
    co_return answer(std::move(*problem));
  }
  const Result<void> cancelled = co_await service.scheduler.cancel(std::get<std::int64_t>(id));
  if (!cancelled) {
    co_return answer(problemOf(cancelled.error()));
  }
  const Result<model::JobRecord> job = co_await service.store.job(std::get<std::int64_t>(id));
  co_return job ? answer(200, shownJob(service, *job)) : answer(problemOf(job.error()));
}

awaitable<Response> resendCallback(const Service& service, Request& request) {
  OrProblem<std::int64_t> id = bareId(request);
  if (auto* problem = std::get_if<Problem>(&id)) {
    co_return answer(std::move(*problem));
  }
  const Result<model::JobRecord> job = co_await service.store.job(std::get<std::int64_t>(id));
  if (!job) {
    co_return answer(problemOf(job.error()));
  }
  const Result<void> resent = co_await service.store.resendCallback(job->id, service.now());
  if (!resent) {
    Problem problem = problemOf(resent.error());
    if (resent.error().kind() == ErrorKind::kNotFound) {
      problem.status = 409;
      problem.detail = "the job has not ended, or it has no callback_url";
    }
    co_return answer(std::move(problem));
  }
  service.notifier.wake();
  co_return answer(202, boost::json::object{{"job_id", job->id}});
}

awaitable<Response> listCallbacks(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  const Result<std::vector<store::Callback>> callbacks = co_await service.store.callbacks();
  if (!callbacks) {
    co_return answer(problemOf(callbacks.error()));
  }
  boost::json::array list;
  for (const store::Callback& callback : *callbacks) {
    list.push_back(callbackJson(callback));
  }
  co_return answer(200, boost::json::object{{"callbacks", std::move(list)}});
}

}  // namespace tango::api::v1
