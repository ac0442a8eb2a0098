// The other programs of Tango, which are installed in one folder with the one that runs.
#pragma once

#include <filesystem>

namespace tango::vmms {

/// The path of `name` in the folder of this process's program.
[[nodiscard]] std::filesystem::path besideProgram(const char* name);

}  // namespace tango::vmms
