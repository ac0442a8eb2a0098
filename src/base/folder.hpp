// Listing a folder and removing a tree, by descriptors: no path is looked up twice.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace tango::base {

/// The names in a folder without "." and "..", in no order. `dir_fd` is borrowed and may be O_PATH.
Result<std::vector<std::string>> namesIn(int dir_fd);

/// Removes `name` (one component) from the folder `parent_fd`, with everything beneath it; fine if
/// it is not there. A link is removed, never followed. It needs three descriptors at a time and no
/// stack, however deep a hostile tree is.
Result<void> removeTree(int parent_fd, const char* name);

}  // namespace tango::base
