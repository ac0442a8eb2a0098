// Which hosts may be called back.
#pragma once

#include <string>
#include <vector>

namespace tango::notify {

/// Whether `host`, a name or an address, is among `allowed_hosts` (see NotifierConfig); with none
/// of them, all are.
[[nodiscard]] bool isAllowed(const std::string& host,
                             const std::vector<std::string>& allowed_hosts);

}  // namespace tango::notify
