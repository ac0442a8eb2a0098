#include "tango/bench/lane.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/job_answer.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

constexpr std::chrono::seconds kWait{60};

// Before it is asked again, for a server that does not wait as it is asked to.
awaitable<void> pause() {
  constexpr base::Millis kPause{10};
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, kPause);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

http::ClientConfig trusting(const std::string& ca_file) {
  http::ClientConfig config;
  config.ca_file = ca_file;
  return config;
}

}  // namespace

Lane::Lane(const boost::asio::any_io_executor& executor, const client::ApiProtocol& protocol)
    : protocol_(protocol), client_(executor, trusting(protocol.access().ca_file)) {}

awaitable<Result<object>> Lane::sendForJson(http::ClientRequest request) {
  Result<http::ClientResponse> response = co_await client_.send(std::move(request));
  co_return protocol_.jsonAnswer(std::move(response));
}

awaitable<Result<std::int64_t>> Lane::addJob(std::string body) {
  Result<object> job =
      co_await sendForJson(protocol_.jsonRequest("POST", "/v1/jobs", std::move(body)));
  if (!job) {
    co_return job.error();
  }
  const auto id = client::wholeOf(*job, "id");
  co_return id ? Result<std::int64_t>(*id)
               : Error(ErrorKind::kInvalid, "the server does not say which job it added");
}

awaitable<Result<object>> Lane::job(std::int64_t id) {
  Result<object> job = co_await sendForJson(protocol_.jobRequest(id, {}));
  co_return job;
}

awaitable<Result<object>> Lane::endedJob(std::int64_t id) {
  for (;;) {
    Result<object> job = co_await sendForJson(protocol_.jobRequest(id, kWait));
    if (!job || client::hasEnded(*job)) {
      co_return job;
    }
    co_await pause();
  }
}

awaitable<Result<std::string>> Lane::output(std::int64_t id) {
  for (;;) {
    Result<http::ClientResponse> response =
        co_await client_.send(protocol_.outputRequest(id, 0, kWait, client::Until::kEnd));
    Result<client::OutputPiece> piece = protocol_.outputAnswer(std::move(response), 0);
    if (!piece) {
      co_return piece.error();
    }
    if (piece->final) {
      co_return piece->bytes.substr(std::min<std::size_t>(piece->head_bytes, piece->bytes.size()));
    }
    co_await pause();
  }
}

}  // namespace tango::bench
