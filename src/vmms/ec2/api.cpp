#include "vmms/ec2/api.hpp"

#include <algorithm>
#include <random>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "aws/sigv4.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;

constexpr std::uint64_t kAnswerBytesMax = std::uint64_t{32} << 20;
constexpr int kPagesMax = 1'000;
constexpr Millis kGraceMax{5'000};
constexpr const char* kContentType = "application/x-www-form-urlencoded; charset=utf-8";

double chance() {
  static thread_local std::mt19937_64 source{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(source);
}

Reply failed(Error error, Remedy remedy) {
  return {.content = std::move(error), .code = "", .remedy = remedy};
}

std::optional<std::int64_t> clockBehind(const http::ClientResponse& response) {
  const std::optional<std::int64_t> theirs = timeOfDate(response.header("date"));
  return theirs ? std::optional(*theirs - base::secondsOf(base::unixNow())) : std::nullopt;
}

Reply replyOf(const http::ClientResponse& response, const std::string& action) {
  if (response.status == 200) {
    Result<Element> content = parseXml(response.body);
    return content ? Reply{.content = std::move(content), .code = ""}
                   : failed(content.error().during(action), Remedy::kAgain);
  }
  const Refusal refusal = refusalOf(response.status, response.body);
  return {.content = errorOf(refusal, action, clockBehind(response)),
          .code = refusal.code,
          .remedy = remedyOf(refusal)};
}

http::ClientRequest signedRequest(const Query& query, const Endpoint& endpoint,
                                  const aws::Credentials& credentials) {
  aws::ToSign to_sign;
  to_sign.host = endpoint.host;
  to_sign.path = endpoint.path.substr(0, endpoint.path.find('?'));
  to_sign.query = endpoint.path.substr(std::min(to_sign.path.size() + 1, endpoint.path.size()));
  to_sign.headers = {{"Content-Type", kContentType}};
  to_sign.body = query.form();
  to_sign.region = endpoint.region;
  to_sign.service = "ec2";
  to_sign.time = base::secondsOf(base::unixNow());

  http::ClientRequest request;
  request.method = "POST";
  request.url = endpoint.url;
  request.headers = to_sign.headers;
  for (auto& header : aws::signatureOf(to_sign, credentials)) {
    request.headers.push_back(std::move(header));
  }
  request.answer_bytes_max = kAnswerBytesMax;
  request.body.emplace_back();
  request.body.back().bytes = std::move(to_sign.body);
  return request;
}

// When `give_up` is set, and some seconds after.
awaitable<void> untilPatienceEnds(GiveUp give_up) {
  co_await give_up->wait();
  co_await pauseUntil(base::after(kGraceMax), nullptr);
}

bool maySucceedLater(const Error& error) {
  return error.kind() == ErrorKind::kSystem || error.kind() == ErrorKind::kTimeout;
}

}  // namespace

Api::Api(const boost::asio::any_io_executor& executor, http::ClientConfig client, Caller caller,
         Millis answer_max)
    : client_(executor, std::move(client)), caller_(std::move(caller)), answer_max_(answer_max) {}

awaitable<Result<http::ClientResponse>> Api::send(http::ClientRequest request, GiveUp give_up) {
  using namespace boost::asio::experimental::awaitable_operators;
  if (!give_up) {
    Result<http::ClientResponse> response = co_await client_.send(std::move(request));
    co_return response;
  }
  auto first = co_await (client_.send(std::move(request)) || untilPatienceEnds(give_up));
  if (first.index() == 0) {
    co_return std::get<0>(std::move(first));
  }
  co_return Error(ErrorKind::kTimeout, "no answer, and it is no longer wanted");
}

awaitable<Api::Attempt> Api::attempt(Query query, Patience patience) {
  const Result<Endpoint> endpoint = co_await caller_.endpoint();
  if (!endpoint) {
    co_return Attempt{failed(endpoint.error(), Remedy::kNone)};
  }
  const Result<aws::Credentials> credentials = co_await caller_.credentials();
  if (!credentials) {
    // That there are none is for the operator to mend, and means no thing of EC2's.
    const Error& why = credentials.error();
    co_return Attempt{maySucceedLater(why)
                          ? failed(why, Remedy::kAgain)
                          : failed(Error(ErrorKind::kInvalid, why.message()), Remedy::kNone)};
  }
  http::ClientRequest request = signedRequest(query, *endpoint, *credentials);
  const auto left =
      std::chrono::duration_cast<Millis>(patience.deadline - base::SteadyClock::now());
  request.timeout = std::max(Millis(1), std::min(answer_max_, left));
  const Result<http::ClientResponse> response = co_await send(std::move(request), patience.give_up);
  if (!response) {
    const bool later = maySucceedLater(response.error());
    co_return Attempt{
        failed(response.error().during(query.action()), later ? Remedy::kAgain : Remedy::kNone),
        true};
  }
  co_return Attempt{replyOf(*response, query.action()), true};
}

awaitable<Reply> Api::call(Query query, Patience patience) {
  RetryPlan plan(patience.deadline, chance);
  bool other_credentials = false;
  bool sent = false;
  for (;;) {
    if (isSet(patience.give_up)) {
      co_return failed(Error(sent ? ErrorKind::kSystem : ErrorKind::kCancelled,
                             query.action() + ": it is no longer wanted"),
                       Remedy::kNone);
    }
    if (base::SteadyClock::now() >= patience.deadline) {
      co_return failed(Error(ErrorKind::kTimeout, query.action() + ": no time was left for it"),
                       Remedy::kNone);
    }
    Attempt attempt = co_await this->attempt(query, patience);
    sent = sent || (attempt.sent && attempt.reply.code.empty());
    if (attempt.reply.ok()) {
      co_return std::move(attempt.reply);
    }
    if (attempt.reply.remedy == Remedy::kCredentials && !other_credentials) {
      other_credentials = true;
      caller_.refused();
      continue;
    }
    const bool not_yet = !attempt.reply.code.empty() && attempt.reply.code == patience.not_yet;
    const auto next = attempt.reply.remedy == Remedy::kAgain || not_yet
                          ? plan.failed(base::SteadyClock::now())
                          : std::nullopt;
    if (!next) {
      co_return std::move(attempt.reply);
    }
    co_await pauseUntil(*next, patience.give_up);
  }
}

awaitable<Result<std::vector<Element>>> Api::callForList(Query query, std::string list_name,
                                                         Patience patience) {
  std::vector<Element> all;
  std::string token;
  for (int page = 0; page < kPagesMax; ++page) {
    Query asked = query;
    if (!token.empty()) {
      asked.set("NextToken", token);
    }
    Reply reply = co_await call(std::move(asked), patience);
    if (!reply.ok()) {
      co_return reply.error();
    }
    for (const Element& item : reply.content->items(list_name)) {
      all.push_back(item);
    }
    token = reply.content->at("nextToken");
    if (token.empty()) {
      co_return all;
    }
  }
  co_return Error(ErrorKind::kSystem, query.action() + ": the answer has no end");
}

}  // namespace tango::vmms::ec2
