// How long to wait before something that failed is tried again.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace tango::base {

/// A pause that doubles with each failure until one success.
class Backoff {
 public:
  Backoff(Millis min, Millis max) : min_(min), max_(max) {}

  /// A failure of something that was begun before a pause does not lengthen it.
  void failed(Deadline now) {
    if (!paused(now)) {
      pause_ = pause_ == Millis(0) ? min_ : std::min(max_, pause_ * 2);
      until_ = now + pause_;
    }
  }
  void succeeded() { pause_ = Millis(0); }
  /// The last attempt failed: the next one is a probe.
  [[nodiscard]] bool failing() const { return pause_ > Millis(0); }
  [[nodiscard]] bool paused(Deadline now) const { return pause_ > Millis(0) && now < until_; }
  [[nodiscard]] Deadline until() const { return until_; }

 private:
  Millis min_;
  Millis max_;
  Millis pause_{0};
  Deadline until_;
};

}  // namespace tango::base
