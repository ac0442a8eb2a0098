#include "tango/client/api_client.hpp"

#include <cerrno>
#include <charconv>
#include <utility>

#include <fcntl.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
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
// A line slower than this is taken for a broken one.
constexpr std::uint64_t kUploadBytesPerSecondMin = 16 * 1024;

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

ApiClient::ApiClient(ServerAccess access) : access_(std::move(access)), http_(access_.ca_file) {}

http::ClientRequest ApiClient::request(const char* method, const std::string& target) const {
  http::ClientRequest request;
  request.method = method;
  request.url = access_.url + target;
  request.headers.emplace_back("Authorization", "Bearer " + access_.key);
  request.timeout = kPatience;
  return request;
}

Error ApiClient::unreachable(const Error& error) const {
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

Error ApiClient::refusal(const http::ClientResponse& response) const {
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

Result<http::ClientResponse> ApiClient::send(http::ClientRequest request) {
  Result<http::ClientResponse> response = http_.send(std::move(request));
  if (!response) {
    return unreachable(response.error());
  }
  const bool good = response->status >= 200 && response->status < 300;
  return good ? std::move(response) : refusal(*response);
}

Result<object> ApiClient::sendForJson(http::ClientRequest request) {
  const Result<http::ClientResponse> response = send(std::move(request));
  if (!response) {
    return response.error();
  }
  Result<object> answer = objectFrom(response->body);
  return answer ? std::move(answer)
                : Error(ErrorKind::kInvalid, access_.url +
                                                 " answers with what is no JSON object: it does "
                                                 "not look like a Tango server");
}

Result<object> ApiClient::sendJson(const char* method, const std::string& target,
                                   const std::string& body) {
  http::ClientRequest wanted = request(method, target);
  wanted.headers.emplace_back("Content-Type", "application/json");
  http::BodyPart part;
  part.bytes = body;
  wanted.body.push_back(std::move(part));
  return sendForJson(std::move(wanted));
}

Result<object> ApiClient::get(const std::string& target, std::chrono::seconds wait) {
  http::ClientRequest wanted = request("GET", target);
  wanted.timeout += wait;
  return sendForJson(std::move(wanted));
}

Result<object> ApiClient::post(const std::string& target, const object& body) {
  return sendJson("POST", target, boost::json::serialize(body));
}

Result<object> ApiClient::post(const std::string& target) {
  return sendForJson(request("POST", target));
}

Result<object> ApiClient::put(const std::string& target, const object& body) {
  return sendJson("PUT", target, boost::json::serialize(body));
}

Result<object> ApiClient::job(std::int64_t id, std::chrono::seconds wait) {
  return get("/v1/jobs/" + std::to_string(id) + "?" + waiting(wait), wait);
}

Result<OutputPiece> ApiClient::output(std::int64_t id, std::uint64_t offset,
                                      std::chrono::seconds wait) {
  http::ClientRequest wanted =
      request("GET", "/v1/jobs/" + std::to_string(id) + "/output?offset=" + std::to_string(offset) +
                         "&" + waiting(wait));
  wanted.timeout += wait;
  wanted.answer_bytes_max = kOutputBytesMax;
  Result<http::ClientResponse> response = send(std::move(wanted));
  if (!response) {
    return response.error();
  }
  const std::string kind = response->header("tango-output");
  if (kind != "live" && kind != "final") {
    return Error(ErrorKind::kInvalid,
                 access_.url +
                     " does not say what output this is: it does not look like a Tango "
                     "server");
  }
  OutputPiece piece;
  piece.bytes = std::move(response->body);
  piece.final = kind == "final";
  piece.head_bytes = numberIn(response->header("tango-output-head-bytes"));
  const std::string total = response->header("tango-output-bytes");
  piece.total = total.empty() ? offset + piece.bytes.size() : numberIn(total);
  return piece;
}

Result<void> ApiClient::putBlob(const std::string& sha256, const std::string& path,
                                std::uint64_t bytes, std::function<void(std::uint64_t)> on_sent) {
  http::ClientRequest wanted = request("PUT", "/v1/blobs/" + sha256);
  wanted.headers.emplace_back("Content-Type", "application/octet-stream");
  wanted.timeout = kPatience + std::chrono::seconds(bytes / kUploadBytesPerSecondMin);
  wanted.on_sent = std::move(on_sent);
  http::BodyPart part;
  part.file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!part.file) {
    return base::systemError(errno, "open " + path);
  }
  part.file_bytes = bytes;
  wanted.body.push_back(std::move(part));
  const Result<http::ClientResponse> response = send(std::move(wanted));
  return response ? Result<void>() : response.error();
}

}  // namespace tango::client
