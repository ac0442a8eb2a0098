// A folder of the service's own in its data folder.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::files {

/// Opens the folder `name` (one component) in `parent_fd`; where it is missing it is made, for
/// nobody but us, and is durable on return. A link in its place is refused. Two callers at once are
/// fine.
base::Result<base::UniqueFd> ownFolder(int parent_fd, const std::string& name);

}  // namespace tango::files
