// How many files the service may have open, and how many of those clients may take.
#pragma once

#include <cstddef>

namespace tango::app {

/// Lets this process open as many files as its hard limit allows, and gives how many connections
/// clients may have: `connections_max`, or fewer (and a warning that says so) where more could take
/// the descriptors that jobs need. Whoever reaches the port can connect, with a key or without.
std::size_t connectionsThatFit(std::size_t connections_max);

}  // namespace tango::app
