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

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Request>> waiting_;
  Clock::time_point due_;  ///< when the first of `waiting_` is not to be held any longer
  bool closed_ = false;
};

}  // namespace tango::store
