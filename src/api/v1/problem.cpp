#include "api/v1/problem.hpp"

#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "base/utf8.hpp"

namespace tango::api::v1 {
namespace {

constexpr std::array kTitles = {std::pair{400, "Bad Request"},
                                std::pair{401, "Unauthorized"},
                                std::pair{404, "Not Found"},
                                std::pair{408, "Request Timeout"},
                                std::pair{409, "Conflict"},
                                std::pair{413, "Content Too Large"},
                                std::pair{415, "Unsupported Media Type"},
                                std::pair{422, "Unprocessable Content"},
                                std::pair{500, "Internal Server Error"},
                                std::pair{503, "Service Unavailable"}};

const char* titleOf(int status) {
  for (const auto& [known, title] : kTitles) {
    if (known == status) {
      return title;
    }
  }
  return "Error";
}

int statusOf(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::kInvalid:
      return 400;
    case base::ErrorKind::kNotFound:
      return 404;
    case base::ErrorKind::kExists:
      return 409;
    case base::ErrorKind::kUnsupported:
      return 422;
    case base::ErrorKind::kTooLarge:
      return 413;
    case base::ErrorKind::kTimeout:
      return 408;
    case base::ErrorKind::kCancelled:
    case base::ErrorKind::kSystem:
      break;
  }
  return 500;
}

}  // namespace

Problem badField(std::string field, std::string detail) {
  Problem problem;
  problem.status = 400;
  problem.detail = std::move(detail);
  problem.field = std::move(field);
  return problem;
}

Problem problemOf(const base::Error& error) {
  Problem problem;
  problem.status = statusOf(error.kind());
  problem.detail = error.message();
  if (problem.status == 500) {
    base::logError("api: " + error.message());
    problem.detail = "the service failed; its log says why";
  }
  return problem;
}

http::Response answer(Problem problem) {
  // "about:blank": the status says what kind of problem it is (RFC 9457, 4.2.1).
  boost::json::object body = {{"type", "about:blank"},
                              {"title", titleOf(problem.status)},
                              {"status", problem.status},
                              {"detail", base::replaceInvalidUtf8(problem.detail)}};
  if (!problem.field.empty()) {
    body["field"] = base::replaceInvalidUtf8(problem.field);
  }
  if (problem.job_id > 0) {
    body["job_id"] = problem.job_id;
    boost::json::array reasons;
    for (const std::string& reason : problem.reasons) {
      reasons.emplace_back(base::replaceInvalidUtf8(reason));
    }
    body["reasons"] = std::move(reasons);
  }
  http::Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.headers = std::move(problem.headers);
  response.body = boost::json::serialize(body);
  return response;
}

}  // namespace tango::api::v1
