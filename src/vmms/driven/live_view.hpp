// What can be seen of a running job's output, out of pieces that may leave some of it out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/head_tail.hpp"

namespace tango::vmms::driven {

class LiveView {
 public:
  /// Shows at most `bytes_max` bytes, as base::HeadTail does.
  explicit LiveView(std::uint64_t bytes_max)
      : half_(bytes_max / 2), kept_(std::max<std::uint64_t>(bytes_max, 2)) {}

  /// The output from `offset` on; what lies between the last piece and this one is not shown.
  void append(std::uint64_t offset, std::string_view bytes) {
    if (offset != seen_) {
      head_ = gap_ ? head_ : kept_.text().substr(0, half_);
      gap_ = true;
      tail_.clear();
    }
    seen_ = offset + bytes.size();
    if (!gap_) {
      kept_.append(bytes);
      return;
    }
    tail_ += bytes;
    tail_.erase(0, tail_.size() - std::min<std::size_t>(tail_.size(), half_));
  }

  [[nodiscard]] std::string text() const {
    return gap_ ? head_ + std::string(base::HeadTail::kElided) + tail_ : kept_.text();
  }

 private:
  std::uint64_t half_;
  std::uint64_t seen_ = 0;
  base::HeadTail kept_;  ///< as long as no piece was left out
  bool gap_ = false;
  std::string head_;
  std::string tail_;
};

}  // namespace tango::vmms::driven
