// A machine's host keys, as cloud-init prints them to its console at the first boot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tango::vmms::ec2 {

/// The keys ("ssh-ed25519 AAAA...", without a comment) between the last pair of the lines
/// -----BEGIN SSH HOST KEY KEYS----- and -----END SSH HOST KEY KEYS-----; none, if such a pair is
/// not there (yet). Lines may have what a console puts before them (a time, the unit's name).
[[nodiscard]] std::vector<std::string> hostKeysIn(std::string_view console);

}  // namespace tango::vmms::ec2
