// addJob and cancel.
#include "api/accept_job.hpp"
#include "api/wire/image_machine.hpp"
#include "api/wire/job_json.hpp"
#include "api/wire/verb.hpp"
#include "base/safe_path.hpp"

namespace tango::api::wire {
namespace {

// A list of a million files is no job; a megabyte is some ten thousand.
constexpr std::uint64_t kBodyMax = 1024 * 1024;

Response rejection(const RejectedJob& rejected) {
  boost::json::array trace(rejected.trace.begin(), rejected.trace.end());
  return answer({{"statusId", -1}, {"statusMsg", std::move(trace)}});
}

// Of the two things that may not be there, the courselab is told in words that clients know.
awaitable<Response> refusal(const Service& service, std::string lab, base::Error error) {
  if (error.kind() == base::ErrorKind::kNotFound) {
    const Result<void> found = co_await service.store.findCourselab(std::move(lab));
    if (!found && found.error().kind() == base::ErrorKind::kNotFound) {
      co_return bad("Courselab not found");
    }
  }
  co_return bad(error.message());
}

awaitable<Response> addJob(const Service& service, Request& request) {
  const std::string& lab = request.segments.at(2);
  if (const Result<void> named = base::checkComponent(lab, "courselab"); !named) {
    co_return bad(named.error().message());
  }
  const Result<std::string> body = co_await request.body->readAll(kBodyMax);
  if (!body) {
    co_return bad(body.error().message());
  }
  Result<model::Submission> submission = submissionFromJson(*body, lab, service.config);
  if (!submission) {
    co_return bad(submission.error().message());
  }
  submission->machine = machineFor(service, submission->vmms, std::move(submission->machine));
  const Result<Acceptance> acceptance = co_await acceptJob(service, *std::move(submission));
  if (!acceptance) {
    Response refused = co_await refusal(service, lab, acceptance.error());
    co_return refused;
  }
  if (acceptance->rejected) {
    co_return rejection(*acceptance->rejected);
  }
  co_return good("Job added", {{"jobId", std::to_string(acceptance->accepted->id)}});
}

awaitable<Response> cancel(const Service& service, Request& request) {
  const Result<std::int64_t> id = numberFrom(request.segments.at(2), "the job's id");
  if (!id) {
    co_return bad(id.error().message());
  }
  const Result<void> cancelled = co_await service.scheduler.cancel(*id);
  co_return cancelled ? good("Job cancelled") : bad(cancelled.error().message());
}

}  // namespace

void addJobVerbs(http::Router& router, const Service& service) {
  addVerb(router, service, "POST", "/addJob/{key}/{courselab}", addJob);
  addVerb(router, service, "POST", "/cancel/{key}/{job}", cancel);
}

}  // namespace tango::api::wire
