// What a configuration may hold and its administrator most likely does not want.
#pragma once

#include <string>
#include <vector>

#include "config/service_config.hpp"

namespace tango::config {

/// One sentence for each, in the order of the file; none quotes a key. `path` is the file that
/// `config` was read from, "" for none. Looks at the files that it names (blocks for that).
std::vector<std::string> warningsOf(const ServiceConfig& config, const std::string& path);

}  // namespace tango::config
