// The site's configuration file, as far as `tango run` needs it.
#pragma once

#include <string>

#include "base/result.hpp"
#include "model/limit_caps.hpp"

namespace tango::app {

/// Where it is read from if no other file is named; it need not be there.
inline constexpr const char* kSiteConfig = "/etc/tango/tango.toml";

/// The caps in the table `[limits.max]` of the file `path`, or of kSiteConfig for "". kInvalid
/// names the file, the line and the key that is wrong or unknown.
base::Result<model::LimitCaps> siteCaps(const std::string& path);

}  // namespace tango::app
