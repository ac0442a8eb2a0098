// What runs on this machine, for tests that must leave nothing behind.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tango::test {

/// The processes among whose arguments one has `part` in it. (What has ended has no arguments.)
std::vector<pid_t> processesWith(const std::string& part);

/// All that `ancestor` has started, and what that has started.
std::vector<pid_t> descendantsOf(pid_t ancestor);

/// Looks again and again until `holds`, for a minute at most; what it was at the end.
bool comesTrue(const std::function<bool()>& holds);

}  // namespace tango::test
