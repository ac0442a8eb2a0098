#include "tango-cli/wire_client.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "tango/client/answer_fields.hpp"
#include "tango/client/api_client.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::cli {
namespace {

using base::Error;
using base::ErrorKind;

constexpr int kGood = 200;
constexpr std::uint64_t kAnswerBytesMax = 1ULL << 30;
constexpr std::uint64_t kUploadBytesPerSecondMin = 16 * 1024;

/// Of `body`, if that is a JSON object; a list of messages (a rejected job's) becomes one.
std::string messageOf(const boost::json::object& answer) {
  std::string message = client::textOf(answer, "statusMsg");
  for (const boost::json::value& line : client::arrayOf(answer, "statusMsg")) {
    if (line.is_string()) {
      message += (message.empty() ? "" : "; ") + std::string(line.get_string());
    }
  }
  return message.empty() ? "it does not say why" : message;
}

Result<void> judge(const http::ClientResponse& response) {
  if (response.status != kGood) {
    return Error(ErrorKind::kInvalid,
                 "the server answers with status " + std::to_string(response.status));
  }
  // An output file, which may look like anything.
  if (!response.header("content-type").starts_with("application/json")) {
    return {};
  }
  boost::system::error_code failure;
  const boost::json::value parsed = boost::json::parse(response.body, failure);
  if (failure || !parsed.is_object()) {
    return Error(ErrorKind::kInvalid, "the answer is no JSON object: is this a Tango server?");
  }
  const boost::json::object& answer = parsed.get_object();
  if (client::wholeOf(answer, "statusId").value_or(-1) < 0) {
    return Error(ErrorKind::kInvalid, "the server refuses: " + messageOf(answer));
  }
  return {};
}

Result<http::BodyPart> contentOf(const std::string& path) {
  http::BodyPart part;
  part.file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!part.file || ::fstat(part.file.get(), &status) != 0) {
    return base::systemError(errno, "open " + path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorKind::kInvalid, path + " is not a regular file");
  }
  part.file_bytes = static_cast<std::uint64_t>(status.st_size);
  return part;
}

/// `key` as it is sent, or a mask.
std::string pathOf(const WireRequest& request, const std::string& key) {
  std::string path = "/" + request.verb + "/" + key + "/";
  for (const std::string& segment : request.segments) {
    path += client::percentEncoded(segment) + "/";
  }
  return path;
}

}  // namespace

WireClient::WireClient(const Options& options)
    : key_(client::percentEncoded(options.key)), http_(options.ca_file) {
  const bool v6 = options.server.find(':') != std::string::npos && options.server.front() != '[';
  host_and_port_ =
      (v6 ? "[" + options.server + "]" : options.server) + ":" + std::to_string(options.port);
  origin_ = (options.ssl ? "https://" : "http://") + host_and_port_;
}

Result<void> WireClient::check() {
  http::ClientRequest request;
  request.url = origin_ + "/";
  const Result<http::ClientResponse> response = http_.send(std::move(request));
  const std::string unreachable = "Tango not reachable on " + host_and_port_ + "!";
  if (!response) {
    return Error(response.error().kind(), unreachable + " (" + response.error().message() + ")");
  }
  if (response->status != kGood) {
    return Error(ErrorKind::kInvalid,
                 unreachable + " (status " + std::to_string(response->status) + ")");
  }
  return {};
}

Result<http::ClientRequest> WireClient::httpRequest(const WireRequest& request) const {
  http::ClientRequest wanted;
  wanted.method = request.method;
  wanted.url = origin_ + pathOf(request, key_);
  wanted.headers = request.headers;
  wanted.answer_bytes_max = kAnswerBytesMax;
  http::BodyPart part;
  part.bytes = request.body;
  if (!request.file.empty()) {
    Result<http::BodyPart> content = contentOf(request.file);
    if (!content) {
      return content.error();
    }
    part = *std::move(content);
  }
  wanted.timeout =
      request.patience + std::chrono::seconds(part.file_bytes / kUploadBytesPerSecondMin);
  if (part.file || !part.bytes.empty()) {
    wanted.body.push_back(std::move(part));
  }
  return wanted;
}

Result<void> WireClient::send(const WireRequest& request) {
  const std::string what =
      client::onOneLine(host_and_port_ + pathOf(request, "***") + request.details);
  Result<http::ClientRequest> wanted = httpRequest(request);
  if (!wanted) {
    return wanted.error();
  }
  const Result<http::ClientResponse> response = http_.send(*std::move(wanted));
  if (!response) {
    return response.error().during("Failed to send request to " + what);
  }
  std::printf("Sent request to %s\n", what.c_str());
  client::BytesPrinter printer(stdout);
  printer.print(response->body);
  printer.finish();
  if (!response->body.ends_with('\n') && !client::isTerminal(stdout)) {
    std::puts("");
  }
  return judge(*response);
}

}  // namespace tango::cli
