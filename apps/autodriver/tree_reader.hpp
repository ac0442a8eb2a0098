// The half of a copy that reads: runs in a process with nobody's rights but the caller's.
#pragma once

#include <string>

#include "drive/tree_stream.hpp"

namespace tango::autodriver {

using base::Result;
using drive::RecordOut;
using drive::TreeBounds;

/// Sends the folder `name` of the folder `parent_fd`, with all that is in it, to `out`, and last
/// kDone, or kFailed with a sentence. No symbolic link is followed; folders, files and links are
/// sent with their rwx bits and dates; anything else is refused, and so is what cannot be read.
Result<void> sendTree(int parent_fd, const std::string& name, const TreeBounds& bounds,
                      RecordOut& out);

}  // namespace tango::autodriver
