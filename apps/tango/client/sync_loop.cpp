#include "tango/client/sync_loop.hpp"

#include <csignal>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::client {
namespace {

using boost::asio::awaitable;

awaitable<Result<void>> pauseFor(std::chrono::milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return Result<void>();
}

}  // namespace

base::Error SyncLoop::interruptedError() {
  return {base::ErrorKind::kCancelled, "interrupted"};
}

void SyncLoop::finish(awaitable<void> work) {
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

Result<void> SyncLoop::pause(std::chrono::milliseconds duration) {
  return run(pauseFor(duration));
}

void SyncLoop::interruptOnSignals() {
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

bool SyncLoop::interrupted() {
  context_.restart();
  context_.poll();
  return interrupted_;
}

}  // namespace tango::client
