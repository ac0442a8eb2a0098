// A number for the user that is added to an image that has none for jobs.
#pragma once

#include <cstdint>
#include <string_view>

namespace tango::vmms::docker {

/// The number of a user and of its group that is nobody's in the image, whatever is in its files
/// `passwd` and `group`, and on no host a person's, a service's or a part of a range that
/// containers or users are given (65520 to 65533: Debian and systemd leave them to nobody). It is
/// below 65536, since a host with userns-remap or a rootless engine has no more.
std::uint32_t freeId(std::string_view passwd, std::string_view group);

}  // namespace tango::vmms::docker
