// The user that runs jobs, for an image that has none.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"

namespace tango::autodriver {

/// `passwd` (of passwd(5)) with the user `name` added, who has a group of the same number. The line
/// is the first, so that what stood there need not even end with one.
[[nodiscard]] std::string withUser(std::string_view passwd, std::string_view name, uid_t id,
                                   std::string_view home);
/// `group` (of group(5)) with that user's group.
[[nodiscard]] std::string withGroup(std::string_view group, std::string_view name, gid_t id);

/// Adds both to the files in `etc_folder`, each replaced as a whole. Needs a folder that root can
/// write to.
base::Result<void> addUser(const std::string& etc_folder, std::string_view name, uid_t id,
                           std::string_view home);

}  // namespace tango::autodriver
