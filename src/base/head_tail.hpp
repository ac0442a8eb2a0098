// Keeps the beginning and the end of a stream in bounded memory, as autodriver shows a job's
// output: over the limit, the first half and the last half with a note between them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tango::base {

class HeadTail {
 public:
  /// What stands in the place of the bytes that were left out (a wire fact: clients know it).
  static constexpr std::string_view kElided = "\n...[excess bytes elided]...\n";

  /// Keeps at most `bytes_max` bytes; 0 keeps everything.
  explicit HeadTail(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  void append(std::string_view bytes);

  [[nodiscard]] bool elided() const noexcept { return bytes_max_ != 0 && total_ > bytes_max_; }
  /// All bytes that were ever appended.
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  /// What is kept, byte for byte: everything, or the two halves around kElided.
  [[nodiscard]] std::string text() const;

 private:
  std::uint64_t bytes_max_;
  std::uint64_t total_ = 0;
  std::string head_;             // up to bytes_max_
  std::string tail_;             // a ring of bytes_max_ / 2 bytes, used once head_ is full
  std::uint64_t tail_next_ = 0;  // where the ring goes on
};

}  // namespace tango::base
