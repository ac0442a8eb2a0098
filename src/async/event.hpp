// Something that coroutines of one thread wait for.
#pragma once

#include <cstdint>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::async {

class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  /// Everyone who waits now goes on, and whoever waits next does so at once, until `reset`.
  void set() {
    set_ = true;
    timer_.cancel();
  }
  void reset() { set_ = false; }
  [[nodiscard]] bool isSet() const { return set_; }

  /// Returns when it is set. The Event must outlive the wait.
  boost::asio::awaitable<void> wait() {
    while (!set_) {
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
  }
  /// The same, as one side of an `||` that the other side mostly wins: its wait then just ends,
  /// where that of `wait` ends with an exception, which costs as much as a small request.
  boost::asio::awaitable<void> waitBeside() {
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    while (!set_ && cancellation.cancelled() == boost::asio::cancellation_type::none) {
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
  }

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

/// Something that happens again and again.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  /// Everyone who waits now goes on; whoever waits next waits for the next time.
  void notifyAll() {
    ++times_;
    timer_.cancel();
  }

  /// Returns when it happens next. The Signal must outlive the wait.
  boost::asio::awaitable<void> next() {
    const std::uint64_t before = times_;
    while (times_ == before) {
      co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
  }

 private:
  boost::asio::steady_timer timer_;
  std::uint64_t times_ = 0;
};

}  // namespace tango::async
