#include <cstring>
#include <iterator>

#include "api/accept_job.hpp"
#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/job_form.hpp"
#include "api/v1/job_request.hpp"
#include "api/v1/json_fields.hpp"
#include "api/v1/multipart.hpp"
#include "base/hex.hpp"

namespace tango::api::v1 {
namespace {

using base::ErrorKind;
using base::Result;

/// What no two jobs share, so that their outputs are not called the same.
std::string freshSuffix() {
  return base::randomHex(8).value();
}

/// 422: well formed, but the service cannot do it.
Problem unprocessable(std::string field, std::string detail) {
  Problem problem = badField(std::move(field), std::move(detail));
  problem.status = 422;
  return problem;
}

awaitable<OrProblem<model::Submission>> fromJson(const Service& service, Request& request) {
  OrProblem<boost::json::value> document = co_await readJson(request);
  if (auto* problem = std::get_if<Problem>(&document)) {
    co_return std::move(*problem);
  }
  co_return readJobRequest(std::get<boost::json::value>(document), service.config, true);
}

awaitable<OrProblem<model::Submission>> fromForm(const Service& service, Request& request,
                                                 std::string_view content_type) {
  OrProblem<JobForm> form = co_await readJobForm(service, *request.body, content_type);
  if (auto* problem = std::get_if<Problem>(&form)) {
    co_return std::move(*problem);
  }
  auto& [job, files] = std::get<JobForm>(form);
  OrProblem<boost::json::value> document = parseObject(job);
  if (auto* problem = std::get_if<Problem>(&document)) {
    problem->field = "job";
    co_return std::move(*problem);
  }
  OrProblem<model::Submission> submission =
      readJobRequest(std::get<boost::json::value>(document), service.config, false);
  if (auto* accepted = std::get_if<model::Submission>(&submission)) {
    std::move(files.begin(), files.end(), std::back_inserter(accepted->files));
  }
  co_return submission;
}

awaitable<OrProblem<model::Submission>> readSubmission(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return *std::move(problem);
  }
  const std::string content_type(request.header("content-type").value_or(""));
  if (mediaType(content_type) == "multipart/form-data") {
    OrProblem<model::Submission> submission = co_await fromForm(service, request, content_type);
    co_return submission;
  }
  if (mediaType(content_type) == "application/json") {
    OrProblem<model::Submission> submission = co_await fromJson(service, request);
    co_return submission;
  }
  Problem problem;
  problem.status = 415;
  problem.detail = "the Content-Type must be application/json or multipart/form-data";
  co_return problem;
}

/// Makes the courselab where it is missing.
awaitable<Result<void>> haveCourselab(const Service& service, std::string courselab) {
  Result<void> found = co_await service.store.findCourselab(courselab);
  if (found || found.error().kind() != ErrorKind::kNotFound) {
    co_return found;
  }
  const Result<store::Courselab> made =
      co_await service.store.openCourselab(std::move(courselab), 0);
  co_return made ? Result<void>() : Result<void>(made.error());
}

/// The problem of the first file whose content the store does not have.
awaitable<std::optional<Problem>> missingContent(const Service& service,
                                                 const model::Submission& submission) {
  std::vector<std::string> wanted;
  for (const model::SubmittedFile& file : submission.files) {
    if (!file.sha256.empty()) {
      wanted.push_back(file.sha256);
    }
  }
  if (wanted.empty()) {
    co_return std::nullopt;
  }
  const Result<std::vector<std::string>> known =
      co_await service.store.knownBlobs(std::move(wanted));
  if (!known) {
    co_return problemOf(known.error());
  }
  for (std::size_t at = 0; at < submission.files.size(); ++at) {
    const std::string& sha256 = submission.files[at].sha256;
    if (!sha256.empty() && std::find(known->begin(), known->end(), sha256) == known->end()) {
      const std::string field = "files[" + std::to_string(at) + "].sha256";
      co_return unprocessable(
          field, field + ": this content is not here; send it with PUT /v1/blobs/" + sha256);
    }
  }
  co_return std::nullopt;
}

Problem refusal(const base::Error& error) {
  if (error.kind() == ErrorKind::kNotFound) {
    return unprocessable("files", error.message());
  }
  Problem problem = problemOf(error);
  if (error.kind() == ErrorKind::kTooLarge) {
    problem.status = 503;
    problem.headers.emplace_back("Retry-After", "60");
  }
  return problem;
}

Problem rejection(const RejectedJob& rejected) {
  Problem problem =
      unprocessable("", "the job does not pass; it is kept as " + std::to_string(rejected.id));
  problem.job_id = rejected.id;
  for (const std::string& line : rejected.trace) {
    problem.reasons.push_back(line.substr(line.find('|') + 1));
  }
  return problem;
}

awaitable<OrProblem<AcceptedJob>> accept(const Service& service, model::Submission submission) {
  const Result<void> courselab = co_await haveCourselab(service, submission.courselab);
  if (!courselab) {
    co_return problemOf(courselab.error());
  }
  if (submission.output_file.empty()) {
    submission.output_file = outputFileFor(submission.name, freshSuffix());
  }
  Result<Acceptance> acceptance = co_await acceptJob(service, submission);
  if (!acceptance && acceptance.error().kind() == ErrorKind::kNotFound) {
    std::optional<Problem> missing = co_await missingContent(service, submission);
    co_return missing ? *std::move(missing) : refusal(acceptance.error());
  }
  if (!acceptance) {
    co_return refusal(acceptance.error());
  }
  if (acceptance->rejected) {
    co_return rejection(*acceptance->rejected);
  }
  co_return *acceptance->accepted;
}

}  // namespace

awaitable<Response> submitJob(const Service& service, Request& request) {
  OrProblem<model::Submission> submission = co_await readSubmission(service, request);
  if (auto* problem = std::get_if<Problem>(&submission)) {
    co_return answer(std::move(*problem));
  }
  OrProblem<AcceptedJob> accepted =
      co_await accept(service, std::get<model::Submission>(std::move(submission)));
  if (auto* problem = std::get_if<Problem>(&accepted)) {
    co_return answer(std::move(*problem));
  }
  const auto& [id, repeated, record] = std::get<AcceptedJob>(accepted);
  const Result<model::JobRecord> job =
      record ? Result<model::JobRecord>(*record) : co_await service.store.job(id);
  if (!job) {
    co_return answer(problemOf(job.error()));
  }
  Response response = answer(repeated ? 200 : 201, shownJob(service, *job));
  response.headers.emplace_back("Location", "/v1/jobs/" + std::to_string(id));
  co_return response;
}

}  // namespace tango::api::v1
