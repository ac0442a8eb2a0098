// The folder in which the service keeps everything that is its own.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::images {

using base::Result;
using base::UniqueFd;

/// /var/lib/tango for root, else $XDG_DATA_HOME/tango, else ~/.local/share/tango. kInvalid: none of
/// these is known.
Result<std::string> defaultDataFolder();

/// Opens the folder; made with mode 0700 where it is missing, its parents with 0755.
Result<UniqueFd> openDataFolder(const std::string& path);

/// Opens the folder `name` of `parent_fd`, making it with mode 0700 where it is missing.
Result<UniqueFd> openOrMakeFolder(int parent_fd, const char* name);

}  // namespace tango::images
