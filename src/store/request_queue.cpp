#include "store/request_queue.hpp"

#include <algorithm>
#include <utility>

namespace tango::store {

void RequestQueue::push(std::unique_ptr<Request> request) {
  bool too_late = false;  // when the taker will look for itself
  {
    const std::scoped_lock lock(mutex_);
    const Clock::time_point due = Clock::now() + request->hold();
    due_ = waiting_.empty() ? due : std::min(due, due_);
    waiting_.push_back(std::move(request));
    too_late = due_ < next_look_ || waiting_.size() == kBatchMax;
  }
  if (too_late) {
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

// Until when nothing is to be done, if nothing comes.
RequestQueue::Clock::time_point RequestQueue::nextLook(Clock::time_point begun,
                                                       Clock::time_point patience) const {
  if (!waiting_.empty()) {
    return due_;
  }
  const Clock::time_point lingers = begun + linger_;
  return Clock::now() < lingers ? std::min(lingers, patience) : patience;
}

Batch RequestQueue::take(std::optional<std::chrono::milliseconds> patience) {
  constexpr Clock::time_point kNever = Clock::time_point::max();
  const Clock::time_point begun = Clock::now();
  const Clock::time_point patient_until = patience ? begun + *patience : kNever;
  std::unique_lock lock(mutex_);
  while (!closed_ && waiting_.size() < kBatchMax &&
         Clock::now() < (waiting_.empty() ? patient_until : due_)) {
    next_look_ = nextLook(begun, patient_until);
    if (next_look_ == kNever) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next_look_);
    }
  }
  next_look_ = kNow;
  Batch batch;
  batch.reserve(std::min(waiting_.size(), kBatchMax));
  while (!waiting_.empty() && batch.size() < kBatchMax) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

}  // namespace tango::store
