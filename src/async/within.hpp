// A deadline for any operation.
#pragma once

#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::async {

/// Runs `operation`, and cancels it when `deadline` passes: kTimeout, with `what` as the message.
template <class T>
boost::asio::awaitable<base::Result<T>> within(base::Deadline deadline,
                                               boost::asio::awaitable<base::Result<T>> operation,
                                               std::string what) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, deadline);
  auto first = co_await (std::move(operation) ||
                         timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
  if (first.index() == 0) {
    co_return std::get<0>(std::move(first));
  }
  co_return base::Error(base::ErrorKind::kTimeout, std::move(what));
}

}  // namespace tango::async
