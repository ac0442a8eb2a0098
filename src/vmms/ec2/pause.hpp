// A wait that ends early when it has lost its sense.
#pragma once

#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/event.hpp"
#include "base/clock.hpp"

namespace tango::vmms::ec2 {

/// When somebody no longer wants what was asked for; null: never.
using GiveUp = std::shared_ptr<async::Event>;

[[nodiscard]] inline bool isSet(const GiveUp& give_up) {
  return give_up && give_up->isSet();
}

/// Returns at `due`, or when `give_up` is set. Can be cancelled.
inline boost::asio::awaitable<void> pauseUntil(base::Deadline due, GiveUp give_up) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, due);
  if (!give_up) {
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return;
  }
  co_await (timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)) || give_up->wait());
}

}  // namespace tango::vmms::ec2
