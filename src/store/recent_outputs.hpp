// The outputs of the jobs that ended last, for those who waited for them: they need not ask the
// store for what it was just given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace tango::store {

class RecentOutputs {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{256} * 1024;

  /// Drops the oldest where all together are too large.
  void add(std::int64_t job, std::string output);
  /// Null: it is not among them. Good until the next `add` or `clear`.
  [[nodiscard]] const std::string* find(std::int64_t job) const;
  void clear();

 private:
  std::deque<std::pair<std::int64_t, std::string>> outputs_;  ///< oldest first
  std::size_t bytes_ = 0;
};

}  // namespace tango::store
