// Keeps a job's output until its verdict can be printed above it: in memory if its bound is small,
// else in a file without a name, which no job can reach. What is shown in the end is the same as
// base::HeadTail's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/head_tail.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::autodriver {

using base::Result;
using base::UniqueFd;

class OutputSpool {
 public:
  /// `bytes_max` 0: everything is kept, for as long as the disk has room.
  static Result<OutputSpool> open(std::uint64_t bytes_max);
  /// The same in memory alone, where the folders for temporary files are the job's. Reading it
  /// takes no more memory than its writing has.
  static Result<OutputSpool> openInMemory(std::uint64_t bytes_max);

  void append(std::string_view bytes);
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// Something was left out: there was more than `bytes_max`, or the disk is full.
  [[nodiscard]] bool elided() const { return full_ || (bytes_max_ != 0 && total_ > bytes_max_); }
  /// Hands what is kept to `take`, in pieces of at most kPieceBytes, until that returns false;
  /// then it is false too.
  static constexpr std::size_t kPieceBytes = 64 * 1024;
  using Take = std::function<bool(std::string_view)>;
  [[nodiscard]] bool hand(const Take& take) const;
  /// Writes what is kept. False: the reader is gone.
  [[nodiscard]] bool writeTo(int fd) const;

 private:
  OutputSpool(std::uint64_t bytes_max, UniqueFd file)
      : bytes_max_(bytes_max), file_(std::move(file)), memory_(file_ ? 1 : bytes_max) {}
  void put(std::string_view bytes, std::uint64_t offset);
  [[nodiscard]] bool handPart(const Take& take, std::uint64_t offset, std::uint64_t size) const;
  [[nodiscard]] std::uint64_t half() const { return bytes_max_ / 2; }

  std::uint64_t bytes_max_;
  UniqueFd file_;          ///< first bytes_max_ bytes, then a ring of half as many
  base::HeadTail memory_;  ///< in use if there is no file
  std::uint64_t total_ = 0;
  std::uint64_t kept_ = 0;  ///< bytes before the disk was full
  bool full_ = false;
};

/// Writes all of it, however slowly it is taken. False: the reader is gone.
bool writeAll(int fd, std::string_view bytes);

}  // namespace tango::autodriver
