// How much of a VMMS or a host is used, as people read it.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace tango::client {

/// `what` ("cpus", "memory_bytes", "vms") of something that has "used" and "capacity", its numbers
/// written by `show`: "1 of 4", or "1" where there is no bound.
[[nodiscard]] std::string usedOf(const boost::json::object& shown, std::string_view what,
                                 std::string (*show)(double));

}  // namespace tango::client
