#include "tango/client/sync_http.hpp"

#include <csignal>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;

Error interruptedError() {
  return {ErrorKind::kCancelled, "interrupted"};
}

awaitable<void> sendOn(http::Client& client, http::ClientRequest request,
                       std::optional<Result<http::ClientResponse>>& answer) {
  Result<http::ClientResponse> response = co_await client.send(std::move(request));
  answer.emplace(std::move(response));
}

awaitable<void> pauseOn(std::chrono::milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

http::ClientConfig trusting(const std::string& ca_file) {
  http::ClientConfig config;
  config.ca_file = ca_file;
  return config;
}

}  // namespace

SyncHttp::SyncHttp(const std::string& ca_file)
    : client_(context_.get_executor(), trusting(ca_file)) {}

SyncHttp::~SyncHttp() = default;

void SyncHttp::finish(awaitable<void> work) {
  bool done = false;
  std::exception_ptr thrown;
  boost::asio::co_spawn(
      context_, std::move(work),
      boost::asio::bind_cancellation_slot(stop_.slot(), [&](std::exception_ptr failure) {
        thrown = std::move(failure);
        done = true;
      }));
  context_.restart();
  while (!done) {
    context_.run_one();
  }
  // What a cancelled coroutine throws says only that.
  if (thrown && !interrupted_) {
    std::rethrow_exception(thrown);
  }
}

Result<http::ClientResponse> SyncHttp::send(http::ClientRequest request) {
  std::optional<Result<http::ClientResponse>> answer;
  if (!interrupted_) {
    finish(sendOn(client_, std::move(request), answer));
  }
  return interrupted_ || !answer ? interruptedError() : *std::move(answer);
}

Result<void> SyncHttp::pause(std::chrono::milliseconds duration) {
  if (!interrupted_) {
    finish(pauseOn(duration));
  }
  return interrupted_ ? interruptedError() : Result<void>();
}

void SyncHttp::interruptOnSignals() {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([this](boost::system::error_code failure, int /*signal*/) {
    if (failure) {
      return;
    }
    interrupted_ = true;
    signals_.clear();
    stop_.emit(boost::asio::cancellation_type::terminal);
  });
}

}  // namespace tango::client
