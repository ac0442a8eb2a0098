#include <algorithm>

#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/job_json.hpp"
#include "api/v1/limits_json.hpp"
#include "api/v1/openapi.hpp"

namespace tango::api::v1 {
namespace {

boost::json::object countersJson(const scheduler::SchedulerCounters& counters) {
  return {
      {"job_requests", counters.job_requests},       {"job_retries", counters.job_retries},
      {"waitvm_timeouts", counters.waitvm_timeouts}, {"runjob_timeouts", counters.runjob_timeouts},
      {"copyin_errors", counters.copyin_errors},     {"runjob_errors", counters.runjob_errors},
      {"copyout_errors", counters.copyout_errors}};
}

Response unavailable(std::string detail) {
  Problem problem;
  problem.status = 503;
  problem.detail = std::move(detail);
  problem.headers.emplace_back("Retry-After", "5");
  return answer(std::move(problem));
}

}  // namespace

awaitable<Response> getInfo(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  const auto uptime =
      std::chrono::duration_cast<base::Millis>(base::SteadyClock::now() - service.started);
  co_return answer(200,
                   boost::json::object{{"version", TANGO_VERSION},
                                       {"started", timeJson(service.now() - uptime.count())},
                                       {"uptime_seconds", quotientJson(uptime.count(), 1000)},
                                       {"queued", service.scheduler.queued()},
                                       {"running", service.scheduler.running()},
                                       {"counters", countersJson(service.scheduler.counters())}});
}

awaitable<Response> getOpenApi(const Service& /*service*/, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  Response response;
  response.content_type = "application/json";
  response.body = kOpenApiJson;
  co_return response;
}

// A probe may add what it likes to its query.
awaitable<Response> getHealth(const Service& /*service*/, Request& /*request*/) {
  co_return answer(200, boost::json::object{{"status", "ok"}});
}

// The server answers only once the unfinished jobs of an earlier service are taken up.
awaitable<Response> getReadiness(const Service& service, Request& /*request*/) {
  if (service.stopping != nullptr && service.stopping->isSet()) {
    co_return unavailable("the service is stopping");
  }
  const std::vector<pool::BackendView> backends = service.pools.backends();
  const auto is_out = [](const pool::BackendView& backend) {
    return backend.paused || !backend.available;
  };
  if (std::ranges::all_of(backends, is_out)) {
    co_return unavailable("no VMMS can make VMs now");
  }
  co_return answer(200, boost::json::object{{"status", "ok"}});
}

}  // namespace tango::api::v1
