// The half of a copy that writes: runs in a process with nobody's rights but autograde's.
#pragma once

#include <string>

#include "drive/tree_stream.hpp"

namespace tango::autodriver {

using base::Result;
using drive::RecordIn;
using drive::TreeBounds;

/// Makes the tree that comes from `in` within the folder `parent_fd`, where nothing of its name
/// may exist yet. kFailed in the stream is returned as an error, with the reader's own words.
Result<void> receiveTree(int parent_fd, const TreeBounds& bounds, RecordIn& in);

}  // namespace tango::autodriver
