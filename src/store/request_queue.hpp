// Requests on their way to a thread of the store's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "store/request.hpp"

namespace tango::store {

class RequestQueue {
 public:
  /// At most so many requests make one batch.
  static constexpr std::size_t kBatchMax = 512;

  /// The taker looks again so long after it began to wait, before it sleeps: what may be held for
  /// as long, and comes soon behind a batch, need not wake it.
  explicit RequestQueue(std::chrono::milliseconds linger = {}) : linger_(linger) {}

  void push(std::unique_ptr<Request> request);
  /// Nothing is pushed afterwards; what is there is still taken.
  void close();
  [[nodiscard]] bool closed() const;

  /// Waits for requests, until `patience` is over if that is given, and takes the oldest of them.
  /// While all of them may be held, and they are few, it waits for others. Empty: none came, or
  /// none will come.
  Batch take(std::optional<std::chrono::milliseconds> patience);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNow = Clock::time_point::min();

  [[nodiscard]] Clock::time_point nextLook(Clock::time_point begun,
                                           Clock::time_point patience) const;

  const std::chrono::milliseconds linger_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Request>> waiting_;
  Clock::time_point due_;  ///< when the first of `waiting_` is not to be held any longer
  Clock::time_point next_look_ = kNow;  ///< when the taker looks at `waiting_` for itself
  bool closed_ = false;
};

}  // namespace tango::store
