// What a service begins with and need not wait for: machines elsewhere that may not answer.
#pragma once

#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/task_group.hpp"
#include "async/time_source.hpp"
#include "base/clock.hpp"

namespace tango::app {

class Beginnings {
 public:
  explicit Beginnings(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)), tasks_(executor_) {}

  void start(boost::asio::awaitable<void> task) { tasks_.start(std::move(task)); }
  /// Until all have ended, or for a while: jobs can begin elsewhere meanwhile.
  boost::asio::awaitable<void> soon() {
    using namespace boost::asio::experimental::awaitable_operators;
    const async::TimeSource time;
    co_await (tasks_.allEnded() || async::wait(time.alarm(executor_, base::after(kPatience))));
  }
  boost::asio::awaitable<void> allEnded() { co_await tasks_.allEnded(); }

 private:
  static constexpr base::Millis kPatience{5'000};

  const boost::asio::any_io_executor executor_;
  async::TaskGroup tasks_;
};

}  // namespace tango::app
