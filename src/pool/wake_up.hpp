// One alarm for all that waits for a time: it rings at the earliest of them, and whoever waits for
// a later one asks again then.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "async/task_group.hpp"
#include "async/time_source.hpp"
#include "base/clock.hpp"

namespace tango::pool {

class WakeUp {
 public:
  /// `tasks` and `time` are borrowed. `ring` is called when a time has come.
  WakeUp(boost::asio::any_io_executor executor, async::TaskGroup& tasks,
         const async::TimeSource& time, std::function<void()> ring)
      : executor_(std::move(executor)), tasks_(tasks), time_(time), ring_(std::move(ring)) {}

  void at(base::Deadline due) {
    if (due_ && *due_ <= due) {
      return;
    }
    stop();
    due_ = due;
    alarm_ = time_.alarm(executor_, due);
    tasks_.start(wait(alarm_));
  }

  /// It does not ring any more, unless it is asked again.
  void stop() {
    due_.reset();
    if (const async::AlarmPtr alarm = std::exchange(alarm_, nullptr)) {
      alarm->cancel();
    }
  }

 private:
  boost::asio::awaitable<void> wait(async::AlarmPtr alarm) {
    co_await async::wait(alarm);
    if (alarm_ == alarm) {  // else it was stopped
      alarm_.reset();
      due_.reset();
      ring_();
    }
  }

  const boost::asio::any_io_executor executor_;
  async::TaskGroup& tasks_;
  const async::TimeSource& time_;
  const std::function<void()> ring_;
  std::optional<base::Deadline> due_;
  async::AlarmPtr alarm_;
};

}  // namespace tango::pool
