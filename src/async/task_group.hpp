// Coroutines that run beside their owner. None is left to itself: the group counts them, and its
// owner waits for their end before it goes.
#pragma once

#include <cstddef>
#include <exception>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include "async/event.hpp"
#include "base/assert.hpp"

namespace tango::async {

class TaskGroup {
 public:
  explicit TaskGroup(boost::asio::any_io_executor executor)
      : executor_(std::move(executor)), empty_(executor_) {
    empty_.set();
  }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`. What it throws ends the program: a task handles its own errors.
  void start(boost::asio::awaitable<void> task) {
    ++running_;
    empty_.reset();
    boost::asio::co_spawn(executor_, std::move(task), [this](const std::exception_ptr& thrown) {
      TANGO_ASSERT(!thrown, "a task of a group threw");
      if (--running_ == 0) {
        empty_.set();
      }
    });
  }

  [[nodiscard]] std::size_t running() const { return running_; }

  /// Returns when none runs.
  boost::asio::awaitable<void> allEnded() { return empty_.wait(); }

 private:
  boost::asio::any_io_executor executor_;
  std::size_t running_ = 0;
  Event empty_;
};

}  // namespace tango::async
