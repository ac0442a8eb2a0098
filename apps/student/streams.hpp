// The command's standard streams, on their way between its pipes and our own.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <poll.h>

#include "base/unique_fd.hpp"

namespace tango::student {

class Streams {
 public:
  /// `output_max`: bytes of stdout and stderr together that are passed on.
  explicit Streams(std::uint64_t output_max) : output_left_(output_max) {}

  /// The other end of the command's standard stream `number`; 2 is missing where 1 has both.
  void take(std::uint64_t number, base::UniqueFd end);
  /// What to wait for.
  [[nodiscard]] std::vector<pollfd> wanted() const;
  /// Moves what can be moved without waiting for the command.
  void move(const std::vector<pollfd>& ready);
  /// What is left in the pipes, when nobody writes to them any more.
  void drain();

  [[nodiscard]] bool outputFull() const { return output_full_; }
  [[nodiscard]] std::uint64_t outputBytes() const { return output_bytes_; }

 private:
  void readInput();
  void writeInput();
  /// False: nothing was there.
  bool passOn(std::size_t stream);

  std::array<base::UniqueFd, 3> ends_;
  std::array<char, 64 * 1024> input_{};
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::uint64_t output_left_;
  std::uint64_t output_bytes_ = 0;
  bool output_full_ = false;
};

}  // namespace tango::student
