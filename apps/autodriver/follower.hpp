// Who follows a run while it is watched: the service of an autodriver that stands by.
#pragma once

#include <array>
#include <string_view>

#include <poll.h>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::autodriver {

/// None of its methods blocks.
class Follower {
 public:
  Follower() = default;
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  virtual ~Follower() = default;

  /// Is called with each piece of the job's output, as it comes.
  virtual void take(std::string_view output) = 0;
  /// What is to be waited for besides the job; a descriptor of -1 is none.
  [[nodiscard]] virtual std::array<pollfd, 3> awaited() const = 0;
  /// When it wants to look at the latest.
  [[nodiscard]] virtual base::Deadline nextLook() const = 0;
  /// Is called after each wait. An error ends the job, and is what comes of it.
  virtual base::Result<void> look() = 0;
  /// Make has ended; what it left is about to be killed, and the rest of its output taken.
  virtual void ended() = 0;
};

}  // namespace tango::autodriver
