#include "store/request_queue.hpp"

#include <algorithm>
#include <utility>

namespace tango::store {

void RequestQueue::push(std::unique_ptr<Request> request) {
  bool changed = false;  // when the next batch is to be taken
  {
    const std::scoped_lock lock(mutex_);
    const Clock::time_point due = Clock::now() + request->hold();
    waiting_.push_back(std::move(request));
    changed = waiting_.size() == 1 || due < due_ || waiting_.size() == kBatchMax;
    due_ = waiting_.size() == 1 ? due : std::min(due, due_);
  }
  if (changed) {
    changed_.notify_one();
  }
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

Batch RequestQueue::take(std::optional<std::chrono::milliseconds> patience) {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return closed_ || !waiting_.empty(); };
  if (patience) {
    changed_.wait_for(lock, *patience, something);
  } else {
    changed_.wait(lock, something);
  }
  while (!closed_ && !waiting_.empty() && waiting_.size() < kBatchMax && Clock::now() < due_) {
    changed_.wait_until(lock, due_);
  }
  Batch batch;
  batch.reserve(std::min(waiting_.size(), kBatchMax));
  while (!waiting_.empty() && batch.size() < kBatchMax) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

}  // namespace tango::store
