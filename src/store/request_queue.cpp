#include "store/request_queue.hpp"

#include <algorithm>
#include <utility>

namespace tango::store {
namespace {

/// How long a request that nobody waits for is held for company.
constexpr std::chrono::milliseconds kHold{20};

}  // namespace

void RequestQueue::push(std::unique_ptr<Request> request) {
  {
    const std::scoped_lock lock(mutex_);
    answered_waiting_ += request->answered() ? 1 : 0;
    waiting_.push_back(std::move(request));
  }
  changed_.notify_one();
}

void RequestQueue::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool RequestQueue::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

bool RequestQueue::worthwhile() const {
  return closed_ || answered_waiting_ > 0 || waiting_.size() >= kBatchMax;
}

Batch RequestQueue::take(std::optional<std::chrono::milliseconds> patience) {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return closed_ || !waiting_.empty(); };
  if (patience) {
    changed_.wait_for(lock, *patience, something);
  } else {
    changed_.wait(lock, something);
  }
  if (!waiting_.empty()) {
    changed_.wait_for(lock, kHold, [this] { return worthwhile(); });
  }
  Batch batch;
  batch.reserve(std::min(waiting_.size(), kBatchMax));
  while (!waiting_.empty() && batch.size() < kBatchMax) {
    answered_waiting_ -= waiting_.front()->answered() ? 1 : 0;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

}  // namespace tango::store
