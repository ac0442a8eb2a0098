#include "api/v1/exchange.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json/serialize.hpp>

#include "api/v1/job_json.hpp"
#include "api/v1/json_fields.hpp"
#include "api/v1/multipart.hpp"
#include "base/safe_path.hpp"

namespace tango::api::v1 {
namespace {

using base::Result;
using boost::asio::awaitable;

constexpr std::uint64_t kJsonBytesMax = 1024 * 1024;
constexpr std::uint64_t kIdMax = 1ULL << 62;
constexpr std::size_t kIdSegment = 2;

}  // namespace

http::Response answer(int status, const boost::json::value& body) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = boost::json::serialize(body);
  return response;
}

awaitable<OrProblem<boost::json::value>> readJson(http::Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  if (mediaType(type) != "application/json") {
    Problem problem;
    problem.status = 415;
    problem.detail = "the Content-Type must be application/json";
    co_return problem;
  }
  const Result<std::string> text = co_await request.body->readAll(kJsonBytesMax);
  if (!text) {
    co_return uploadProblem(text.error());
  }
  co_return parseObject(*text);
}

std::optional<Problem> unknownQuery(const http::Request& request) {
  return QueryFields(request.query).finish();
}

OrProblem<std::int64_t> jobId(const http::Request& request) {
  const auto id = wholeNumber(request.segments.at(kIdSegment), 1, kIdMax);
  if (!id) {
    return badField("id", "id must be a job's number");
  }
  return static_cast<std::int64_t>(*id);
}

OrProblem<std::string> componentAt(const http::Request& request, std::size_t index,
                                   std::string_view field) {
  const std::string& segment = request.segments.at(index);
  const Result<void> checked = base::checkComponent(segment, field);
  if (!checked) {
    return badField(std::string(field), checked.error().message());
  }
  return segment;
}

base::Deadline waitDeadline(QueryFields& query) {
  return base::after(std::chrono::seconds(query.whole("wait", 0, kWaitSecondsMax).value_or(0)));
}

awaitable<void> waitForEnd(const Service& service, std::int64_t id, base::Deadline deadline) {
  using namespace boost::asio::experimental::awaitable_operators;
  if (service.stopping == nullptr) {
    co_await service.scheduler.waitEnded(id, deadline);
    co_return;
  }
  co_await (service.scheduler.waitEnded(id, deadline) || service.stopping->waitBeside());
}

boost::json::value shownJob(const Service& service, const model::JobRecord& job) {
  const bool queued = job.state == model::JobState::kQueued;
  return jobJson(job, queued ? service.scheduler.rank(job.id) : std::nullopt);
}

Problem uploadProblem(const base::Error& error) {
  Problem problem = problemOf(error);
  if (error.kind() == base::ErrorKind::kSystem) {
    // Whoever sent it is gone if the connection broke; a disk that fails is ours to see to.
    problem.detail = "the request's body could not be read and kept";
  }
  return problem;
}

}  // namespace tango::api::v1
