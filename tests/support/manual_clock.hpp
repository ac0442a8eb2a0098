// Time that stands still until a test moves it. What waits for it goes on in the order of its due
// times, so a run is the same each time.
#pragma once

#include <algorithm>
#include <map>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"

namespace tango::test {

class ManualClock {
 public:
  /// It starts at the real time, so that deadlines of base::after lie ahead of it.
  explicit ManualClock(base::Deadline start = base::SteadyClock::now()) : now_(start) {}

  [[nodiscard]] base::Deadline now() const { return now_; }

  /// A timer whose wait ends, cancelled, when this clock comes to `due`, or when it is cancelled.
  [[nodiscard]] std::shared_ptr<boost::asio::steady_timer> alarm(
      const boost::asio::any_io_executor& executor, base::Deadline due) {
    auto timer = std::make_shared<boost::asio::steady_timer>(
        executor, boost::asio::steady_timer::time_point::max());
    alarms_.emplace(due, timer);
    return timer;
  }

  /// Moves to the next due time and lets what waits for it go on (once its executor runs). False:
  /// nothing waits.
  bool advanceToNext() {
    while (!alarms_.empty()) {
      const auto first = alarms_.begin();
      const base::Deadline due = first->first;
      const auto timer = first->second.lock();
      alarms_.erase(first);
      if (timer) {  // else it was given up
        now_ = std::max(now_, due);
        timer->cancel();
        return true;
      }
    }
    return false;
  }

  /// Moves by `duration`, past everything that becomes due. What goes on for one of them sees the
  /// time after all of them: where that matters, use advanceToNext and run the executor in between.
  void advance(base::Millis duration) {
    const base::Deadline until = now_ + duration;
    while (!alarms_.empty() && alarms_.begin()->first <= until) {
      advanceToNext();
    }
    now_ = until;
  }

 private:
  base::Deadline now_;
  std::multimap<base::Deadline, std::weak_ptr<boost::asio::steady_timer>> alarms_;
};

}  // namespace tango::test
