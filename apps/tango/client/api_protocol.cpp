#include "tango/client/api_protocol.hpp"

#include <charconv>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "tango/client/answer_fields.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

constexpr int kUnauthorized = 401;
constexpr int kNotFound = 404;
constexpr int kFirstServerFailure = 500;
constexpr std::uint64_t kOutputBytesMax = 1ULL << 30;
// For the answer itself, after what it was asked to wait.
constexpr std::chrono::seconds kPatience{30};

Result<object> objectFrom(const std::string& body) {
  boost::system::error_code failure;
  boost::json::value parsed = boost::json::parse(body, failure);
  if (failure || !parsed.is_object()) {
    return Error(ErrorKind::kInvalid, "not a JSON object");
  }
  return std::move(parsed.get_object());
}

std::uint64_t numberIn(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string waiting(std::chrono::seconds wait) {
  return "wait=" + std::to_string(wait.count());
}

/// The detail of a problem (RFC 9457), and what a rejected job's reasons are.
std::string detailOf(const object& problem) {
  std::string detail = textOf(problem, "detail");
  for (const boost::json::value& reason : arrayOf(problem, "reasons")) {
    const std::string text = reason.is_string() ? std::string(reason.get_string()) : "";
    if (detail.find(text) == std::string::npos) {
      detail += (detail.empty() ? "" : "; ") + text;
    }
  }
  return detail;
}

}  // namespace

http::ClientRequest ApiProtocol::request(const char* method, const std::string& target,
                                         std::chrono::seconds wait) const {
  http::ClientRequest request;
  request.method = method;
  request.url = access_.url + target;
  request.headers.emplace_back("Authorization", "Bearer " + access_.key);
  request.timeout = kPatience + wait;
  return request;
}

http::ClientRequest ApiProtocol::jsonRequest(const char* method, const std::string& target,
                                             std::string body) const {
  http::ClientRequest wanted = request(method, target);
  wanted.headers.emplace_back("Content-Type", "application/json");
  http::BodyPart part;
  part.bytes = std::move(body);
  wanted.body.push_back(std::move(part));
  return wanted;
}

http::ClientRequest ApiProtocol::jobRequest(std::int64_t id, std::chrono::seconds wait) const {
  return request("GET", "/v1/jobs/" + std::to_string(id) + "?" + waiting(wait), wait);
}

http::ClientRequest ApiProtocol::outputRequest(std::int64_t id, std::uint64_t offset,
                                               std::chrono::seconds wait, Until until) const {
  std::string target = "/v1/jobs/" + std::to_string(id) +
                       "/output?offset=" + std::to_string(offset) + "&" + waiting(wait);
  if (until == Until::kEnd) {
    target += "&until=end";
  }
  http::ClientRequest wanted = request("GET", target, wait);
  wanted.answer_bytes_max = kOutputBytesMax;
  return wanted;
}

Error ApiProtocol::unreachable(const Error& error) const {
  if (error.kind() == ErrorKind::kCancelled) {
    return error;
  }
  if (error.kind() == ErrorKind::kTooLarge || error.kind() == ErrorKind::kInvalid) {
    return error.during(access_.url);
  }
  return {error.kind(), "cannot reach a server at " + access_.url + " (" + error.message() +
                            "): start one with `tango serve`, or name yours with --server or "
                            "TANGO_SERVER"};
}

Error ApiProtocol::refusal(const http::ClientResponse& response) const {
  if (response.status == kUnauthorized) {
    return {ErrorKind::kInvalid, access_.url + " does not take the key from " + access_.key_source +
                                     ": name a file with the right one with --key-file, or set "
                                     "TANGO_KEY"};
  }
  const Result<object> problem = objectFrom(response.body);
  const std::string detail = problem ? detailOf(*problem) : "";
  const ErrorKind kind = response.status == kNotFound             ? ErrorKind::kNotFound
                         : response.status >= kFirstServerFailure ? ErrorKind::kSystem
                                                                  : ErrorKind::kInvalid;
  if (!detail.empty()) {
    return {kind, detail};
  }
  return {ErrorKind::kInvalid, access_.url + " answers with status " +
                                   std::to_string(response.status) +
                                   " and says nothing: it does not look like a Tango server"};
}

Result<http::ClientResponse> ApiProtocol::answer(Result<http::ClientResponse> response) const {
  if (!response) {
    return unreachable(response.error());
  }
  const bool good = response->status >= 200 && response->status < 300;
  return good ? std::move(response) : refusal(*response);
}

Result<object> ApiProtocol::jsonAnswer(Result<http::ClientResponse> response) const {
  const Result<http::ClientResponse> good = answer(std::move(response));
  if (!good) {
    return good.error();
  }
  Result<object> parsed = objectFrom(good->body);
  return parsed ? std::move(parsed)
                : Error(ErrorKind::kInvalid, access_.url +
                                                 " answers with what is no JSON object: it does "
                                                 "not look like a Tango server");
}

Result<OutputPiece> ApiProtocol::outputAnswer(Result<http::ClientResponse> response,
                                              std::uint64_t offset) const {
  Result<http::ClientResponse> good = answer(std::move(response));
  if (!good) {
    return good.error();
  }
  const std::string kind = good->header("tango-output");
  if (kind != "live" && kind != "final") {
    return Error(ErrorKind::kInvalid,
                 access_.url +
                     " does not say what output this is: it does not look like a Tango "
                     "server");
  }
  OutputPiece piece;
  piece.bytes = std::move(good->body);
  piece.final = kind == "final";
  piece.head_bytes = numberIn(good->header("tango-output-head-bytes"));
  const std::string total = good->header("tango-output-bytes");
  piece.total = total.empty() ? offset + piece.bytes.size() : numberIn(total);
  return piece;
}

}  // namespace tango::client
