// The time that the next step on a descriptor may take. It moves with every step and seldom passes,
// so the timer behind it is left alone until it goes off, and only then set to where the deadline
// is by now: moving it costs one look at the clock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"

namespace tango::async {

class IoDeadline {
 public:
  /// `on_passed` is called on `executor` each time the deadline passes, and never once this is
  /// gone. It cancels what is waited for.
  IoDeadline(const boost::asio::any_io_executor& executor, std::function<void()> on_passed);
  IoDeadline(const IoDeadline&) = delete;
  IoDeadline& operator=(const IoDeadline&) = delete;
  ~IoDeadline();

  /// From now on, in place of an earlier one.
  void set(std::chrono::milliseconds time) { setAt(base::after(time)); }
  void setAt(base::Deadline due);
  /// None.
  void clear();
  /// The one set last has passed.
  [[nodiscard]] bool passed() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< the timer's wait looks whether it is still there
};

}  // namespace tango::async
