#include "base/head_tail.hpp"

#include <algorithm>

namespace tango::base {

void HeadTail::append(std::string_view bytes) {
  total_ += bytes.size();
  if (bytes_max_ == 0) {
    head_.append(bytes);
    return;
  }
  const auto room = static_cast<std::size_t>(bytes_max_ - head_.size());
  head_.append(bytes.substr(0, room));
  bytes.remove_prefix(std::min(room, bytes.size()));

  // Everything past the head goes round the ring; of one large piece only the end can survive.
  const auto ring_size = static_cast<std::size_t>(bytes_max_ / 2);
  if (bytes.size() > ring_size) {
    bytes.remove_prefix(bytes.size() - ring_size);
  }
  while (!bytes.empty()) {
    const auto at = static_cast<std::size_t>(tail_next_ % ring_size);
    const auto piece = bytes.substr(0, ring_size - at);
    if (tail_.size() < at + piece.size()) {
      tail_.resize(at + piece.size());
    }
    std::copy(piece.begin(), piece.end(), tail_.begin() + static_cast<std::ptrdiff_t>(at));
    tail_next_ += piece.size();
    bytes.remove_prefix(piece.size());
  }
}

std::string HeadTail::text() const {
  if (!elided()) {
    return head_;
  }
  const auto half = static_cast<std::size_t>(bytes_max_ / 2);
  // The last half of everything: the ring in order, preceded by the head's end if the ring is
  // not full yet.
  std::string last;
  if (tail_.size() < half) {
    last = head_.substr(head_.size() - (half - tail_.size())) + tail_;
  } else if (half > 0) {
    const auto at = static_cast<std::size_t>(tail_next_ % half);
    last = tail_.substr(at) + tail_.substr(0, at);
  }
  return head_.substr(0, half) + std::string(kElided) + last;
}

}  // namespace tango::base
