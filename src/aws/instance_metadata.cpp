#include "aws/instance_metadata.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aws/role_credentials.hpp"
#include "base/ascii.hpp"

namespace tango::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using http::ClientResponse;
using std::chrono::milliseconds;

constexpr std::string_view kEndpoint = "http://169.254.169.254";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kTokenSeconds = "300";  // for one look
// Elsewhere than on EC2 nobody answers, not even with a refusal.
constexpr milliseconds kPatience{2'000};
constexpr int kAttempts = 3;
constexpr milliseconds kFirstPause{100};
constexpr std::uint64_t kAnswerBytesMax = 64ULL * 1024;
constexpr int kOk = 200;
constexpr int kNotThere = 404;
constexpr int kTooMany = 429;
constexpr int kServerError = 500;

awaitable<void> pause(milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

std::string trimmed(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string::npos
             ? ""
             : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// What goes into a header, or into a path.
bool isToken(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char each) { return each > ' ' && each < 0x7f; });
}

// IAM's own rule for names.
bool isRole(std::string_view text) {
  static constexpr std::string_view kBeside = "+=,.@_-";
  constexpr std::size_t kRoleMax = 128;
  return !text.empty() && text.size() <= kRoleMax &&
         std::all_of(text.begin(), text.end(), [](char each) {
           const char low = base::lower(each);
           return (low >= 'a' && low <= 'z') || (each >= '0' && each <= '9') ||
                  kBeside.find(each) != std::string_view::npos;
         });
}

// Of no meaning for the next attempt.
bool isBusy(const ClientResponse& answer) {
  return answer.status >= kServerError || answer.status == kTooMany;
}

Error unanswered(const std::string& why) {
  return {ErrorKind::kSystem, "the metadata of this instance: " + why};
}

std::string answered(int status) {
  return "it answers " + std::to_string(status);
}

}  // namespace

InstanceMetadata::InstanceMetadata(const boost::asio::any_io_executor& executor,
                                   const CredentialSources& sources)
    : client_(executor),
      disabled_(base::lowered(variable(sources, "AWS_EC2_METADATA_DISABLED")) == "true"),
      endpoint_(variable(sources, "AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
  if (endpoint_.empty()) {
    endpoint_ = kEndpoint;
  }
  while (endpoint_.ends_with('/')) {
    endpoint_.pop_back();
  }
}

Given InstanceMetadata::none(const std::string& why) const {
  return {std::nullopt, "the metadata of this instance (" + why + ")", ""};
}

awaitable<Result<ClientResponse>> InstanceMetadata::ask(
    std::string method, std::string path, std::pair<std::string, std::string> header) {
  for (int attempt = 1;; ++attempt) {
    http::ClientRequest request;
    request.method = method;
    request.url = endpoint_ + path;
    request.headers = {header};
    request.timeout = kPatience;
    request.answer_bytes_max = kAnswerBytesMax;
    Result<ClientResponse> answer = co_await client_.send(std::move(request));
    const bool again = answer ? isBusy(*answer) : seen_;
    if (!again || attempt == kAttempts) {
      co_return answer;
    }
    co_await pause(kFirstPause * (1 << (attempt - 1)));
  }
}

awaitable<Result<ClientResponse>> InstanceMetadata::get(std::string path, std::string token) {
  Result<ClientResponse> answer =
      co_await ask("GET", std::move(path), {"X-aws-ec2-metadata-token", std::move(token)});
  if (!answer) {
    co_return unanswered(answer.error().message());
  }
  co_return answer;
}

// kNotFound: there is no metadata to be had here, with the reason.
awaitable<Result<std::string>> InstanceMetadata::token() {
  if (disabled_) {
    co_return Error(ErrorKind::kNotFound, "AWS_EC2_METADATA_DISABLED is set");
  }
  if (!http::parseUrl(endpoint_)) {
    co_return Error(ErrorKind::kInvalid, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL");
  }
  const Result<ClientResponse> answer =
      co_await ask("PUT", "/latest/api/token",
                   {"X-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenSeconds)});
  if (!answer) {
    co_return seen_ ? unanswered(answer.error().message())
                    : Error(ErrorKind::kNotFound, answer.error().message());
  }
  if (isBusy(*answer)) {
    co_return unanswered(answered(answer->status));
  }
  if (answer->status != kOk) {
    co_return Error(ErrorKind::kNotFound, answered(answer->status) + " when asked for a token");
  }
  if (!isToken(answer->body)) {
    co_return unanswered("its token is none");
  }
  seen_ = true;
  co_return answer->body;
}

awaitable<Result<Given>> InstanceMetadata::credentials() {
  Result<std::string> token = co_await this->token();
  if (!token) {
    if (token.error().kind() == ErrorKind::kNotFound) {
      co_return none(token.error().message());
    }
    co_return token.error();
  }
  const Result<ClientResponse> answer = co_await get(std::string(kRolePath), *token);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status == kNotThere) {
    co_return none("it has no role");
  }
  if (answer->status != kOk) {
    co_return unanswered(answered(answer->status));
  }
  // One a line, and there is one.
  std::string role = trimmed(answer->body.substr(0, answer->body.find('\n')));
  if (!isRole(role)) {
    co_return unanswered("the name of its role is none");
  }
  Result<Given> given = co_await ofRole(std::move(role), *std::move(token));
  co_return given;
}

awaitable<Result<Given>> InstanceMetadata::ofRole(std::string role, std::string token) {
  const Result<ClientResponse> answer =
      co_await get(std::string(kRolePath) + role, std::move(token));
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status != kOk) {
    co_return unanswered("role " + role + ": " + answered(answer->status));
  }
  const std::string place = "the metadata of this instance, role " + role;
  Result<Credentials> made = parseRoleCredentials(answer->body, place);
  if (!made) {
    co_return made.error();
  }
  co_return Given{*std::move(made), place, ""};
}

awaitable<std::string> InstanceMetadata::region() {
  Result<std::string> token = co_await this->token();
  if (!token) {
    co_return "";
  }
  const Result<ClientResponse> answer =
      co_await get("/latest/meta-data/placement/region", *std::move(token));
  if (!answer || answer->status != kOk) {
    co_return "";
  }
  co_return trimmed(answer->body);
}

}  // namespace tango::aws
