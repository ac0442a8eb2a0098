// One server a data folder.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::app {

/// Locks the folder (held by the caller) for as long as the descriptor that is given is open; a
/// process's end, whatever its cause, opens it again. kExists: another server has it, and which.
base::Result<base::UniqueFd> lockDataFolder(int data_folder_fd);

}  // namespace tango::app
