// info and jobs.
#include <map>
#include <memory>

#include "api/wire/ended_jobs.hpp"
#include "api/wire/job_json.hpp"
#include "api/wire/verb.hpp"

namespace tango::api::wire {
namespace {

// More of them are only a longer page: the queue itself has no such bound.
constexpr std::size_t kLiveJobsMax = 10'000;
constexpr std::size_t kPageJobs = 500;

awaitable<Response> info(const Service& service, Request& /*request*/) {
  const scheduler::SchedulerCounters counters = service.scheduler.counters();
  const std::chrono::duration<double> elapsed = base::SteadyClock::now() - service.started;
  boost::json::object info = {{"elapsed_secs", elapsed.count()},
                              {"job_requests", counters.job_requests},
                              {"job_retries", counters.job_retries},
                              {"waitvm_timeouts", counters.waitvm_timeouts},
                              {"runjob_timeouts", counters.runjob_timeouts},
                              {"copyin_errors", counters.copyin_errors},
                              {"runjob_errors", counters.runjob_errors},
                              {"copyout_errors", counters.copyout_errors},
                              {"num_threads", service.scheduler.running()}};
  boost::json::object paused;
  for (const pool::BackendView& backend : service.pools.backends()) {
    if (backend.paused) {
      paused[backend.vmms] = backend.reason;
    } else if (!backend.available) {
      paused[backend.vmms] = "no host takes VMs now";
    }
  }
  if (!paused.empty()) {
    info["paused_vmms"] = std::move(paused);
  }
  co_return good("Found info successfully", {{"info", std::move(info)}});
}

constexpr const char* kListBegin = R"({"statusId":0,"statusMsg":"Found list of jobs","jobs":[)";
constexpr const char* kListEnd = "]}";

using LiveJobs = std::map<std::int64_t, std::string>;  ///< as JSON, by id

// Page by page, so that other requests have their turn between two.
awaitable<Result<void>> addLive(const Service& service, model::JobState state, LiveJobs& live) {
  store::JobFilter filter;
  filter.state = state;
  filter.jobs_max = kPageJobs;
  for (std::size_t left = kLiveJobsMax; left > 0; left -= kPageJobs) {
    const Result<std::vector<model::JobRecord>> page = co_await service.store.jobs(filter);
    if (!page) {
      co_return page.error();
    }
    for (const model::JobRecord& job : *page) {
      live.insert_or_assign(job.id, jobJson(job, service.config.machine));
    }
    if (page->size() < kPageJobs) {
      break;
    }
    filter.before_id = page->back().id;
  }
  co_return Result<void>();
}

awaitable<Result<std::string>> liveJobs(const Service& service) {
  LiveJobs live;
  // In the order of a job's way: one that goes on between the two looks is seen all the same.
  for (const model::JobState state : {model::JobState::kQueued, model::JobState::kRunning}) {
    const Result<void> added = co_await addLive(service, state, live);
    if (!added) {
      co_return added.error();
    }
  }
  std::string text = kListBegin;
  for (const auto& [id, json] : live) {
    text.append(id == live.begin()->first ? "" : ",").append(json);
  }
  text.append(kListEnd);
  co_return text;
}

awaitable<Response> jobs(const Service& service, EndedJobs& ended, Request& request) {
  const std::string& dead = request.segments.at(2);
  if (dead != "0" && dead != "1") {
    co_return bad("there are the jobs 0 (live) and 1 (dead), but no " + dead);
  }
  Result<std::string> text = std::string();
  if (dead == "0") {
    text = co_await liveJobs(service);
  } else {
    text = co_await ended.list(kListBegin, kListEnd);
  }
  if (!text) {
    co_return bad(text.error().message());
  }
  Response response;
  response.body = *std::move(text);
  co_return response;
}

}  // namespace

void addListVerbs(http::Router& router, const Service& service) {
  addVerb(router, service, "GET", "/info/{key}", info);
  const auto ended = std::make_shared<EndedJobs>(service);
  addVerb(router, service, "GET", "/jobs/{key}/{dead}",
          [ended](const Service& with, Request& request) { return jobs(with, *ended, request); });
}

}  // namespace tango::api::wire
