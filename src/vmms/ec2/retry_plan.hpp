// When a request that failed is sent again: after pauses that double, each of a random part of its
// length (full jitter), so that many requests refused at once do not come back at once.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "base/backoff.hpp"
#include "base/clock.hpp"

namespace tango::vmms::ec2 {

class RetryPlan {
 public:
  static constexpr base::Millis kPauseMin{200};
  static constexpr base::Millis kPauseMax{10'000};

  /// `chance` gives numbers of [0, 1).
  RetryPlan(base::Deadline deadline, std::function<double()> chance)
      : deadline_(deadline), chance_(std::move(chance)) {}

  /// An attempt failed at `now`: when the next one begins; nothing: the deadline leaves no time for
  /// one.
  [[nodiscard]] std::optional<base::Deadline> failed(base::Deadline now) {
    // It may be sooner than a Backoff has it; that it failed again lengthens the next pause anyway.
    const base::Deadline counted = std::max(now, backoff_.until());
    backoff_.failed(counted);
    const auto longest = std::chrono::duration_cast<base::Millis>(backoff_.until() - counted);
    const base::Millis pause(
        static_cast<base::Millis::rep>(chance_() * static_cast<double>(longest.count())));
    return now + pause < deadline_ ? std::optional(now + pause) : std::nullopt;
  }

 private:
  base::Deadline deadline_;
  std::function<double()> chance_;
  base::Backoff backoff_{kPauseMin, kPauseMax};
};

}  // namespace tango::vmms::ec2
