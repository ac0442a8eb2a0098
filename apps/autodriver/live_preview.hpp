// Which pieces of a job's output its service is told while the job runs: see drive/messages.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tango::autodriver {

/// Holds the output's beginning, kLiveHead bytes, and no more than two pieces of its end.
class LivePreview {
 public:
  void append(std::string_view bytes);

  /// The kLive reply to send at `now`; "" if none is due.
  [[nodiscard]] std::string next(base::Deadline now);
  /// Tells it all from the beginning again, to somebody who has not heard it.
  void restart() { told_ = 0; }
  /// When `next` has something to send: `min` if it has, `max` if only more output could change it.
  [[nodiscard]] base::Deadline due() const;
  /// All of the output's beginning has been told.
  [[nodiscard]] bool headTold() const { return told_ >= head_.size(); }

 private:
  std::uint64_t total_ = 0;  ///< of the output
  std::uint64_t told_ = 0;   ///< the output up to here, as far as it was worth telling
  std::string head_;         ///< the output's beginning
  std::string tail_;         ///< the newest bytes beyond it, at least those worth telling
  base::Deadline tail_due_ = base::Deadline::min();
};

}  // namespace tango::autodriver
