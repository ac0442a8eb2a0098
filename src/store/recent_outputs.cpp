#include "store/recent_outputs.hpp"

#include <algorithm>

namespace tango::store {
namespace {

// With what it takes to keep it.
std::size_t bytesOf(const std::pair<std::int64_t, std::string>& output) {
  return sizeof(output) + output.second.size();
}

}  // namespace

void RecentOutputs::add(std::int64_t job, std::string output) {
  outputs_.emplace_back(job, std::move(output));
  bytes_ += bytesOf(outputs_.back());
  while (bytes_ > kBytesMax) {
    bytes_ -= bytesOf(outputs_.front());
    outputs_.pop_front();
  }
}

const std::string* RecentOutputs::find(std::int64_t job) const {
  const auto found = std::find_if(outputs_.rbegin(), outputs_.rend(),
                                  [job](const auto& output) { return output.first == job; });
  return found == outputs_.rend() ? nullptr : &found->second;
}

void RecentOutputs::clear() {
  outputs_.clear();
  bytes_ = 0;
}

}  // namespace tango::store
