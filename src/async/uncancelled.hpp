// For what must be done to its end once it is begun: taking back, cleaning up.
#pragma once

#include <exception>
#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::async {

namespace detail {
template <class T>
boost::asio::awaitable<void> keepResult(boost::asio::awaitable<T> operation,
                                        std::optional<T>& result) {
  T value = co_await std::move(operation);
  result.emplace(std::move(value));
}
}  // namespace detail

/// Runs `operation` as a coroutine of its own: its caller's cancellation does not reach it, and the
/// caller goes on only when it has ended. A caller that may be cancelled already says
/// `co_await boost::asio::this_coro::throw_if_cancelled(false)` first.
template <class T>
boost::asio::awaitable<T> uncancelled(boost::asio::awaitable<T> operation) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::optional<T> result;
  const auto [thrown] = co_await asio::co_spawn(
      executor, detail::keepResult(std::move(operation), result),
      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable)));
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  co_return *std::move(result);
}

}  // namespace tango::async
