// Where timers come from, so that a simulation can have its own time.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.hpp"

namespace tango::async {

using AlarmPtr = std::shared_ptr<boost::asio::steady_timer>;

struct TimeSource {
  std::function<base::Deadline()> now = [] { return base::SteadyClock::now(); };
  /// A timer whose wait ends at `due`, or when it is cancelled.
  std::function<AlarmPtr(const boost::asio::any_io_executor& executor, base::Deadline due)> alarm =
      [](const boost::asio::any_io_executor& executor, base::Deadline due) {
        return std::make_shared<boost::asio::steady_timer>(executor, due);
      };
};

/// Returns when `alarm` goes off or is cancelled.
inline boost::asio::awaitable<void> wait(AlarmPtr alarm) {
  static_cast<void>(co_await alarm->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
}

}  // namespace tango::async
