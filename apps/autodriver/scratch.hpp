// File systems in memory that hold a job's files and bound them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drive/tree_stream.hpp"

namespace tango::autodriver {

struct ScratchUse {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
  bool full = false;  ///< one of them has no room left
};

/// What is used of the file systems at `folders`, all of them together.
[[nodiscard]] ScratchUse scratchUse(const std::vector<std::string>& folders);

/// Those of `folders` that are file systems in memory and can be written to, each of these once.
[[nodiscard]] std::vector<std::string> scratchAmong(const std::vector<std::string>& folders);

/// The room for files that `folder` has, within `bounds`.
[[nodiscard]] drive::TreeBounds roomIn(const std::string& folder, drive::TreeBounds bounds);

}  // namespace tango::autodriver
