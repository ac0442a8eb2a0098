// How ssh is called: pure. See ssh(1) and ssh_config(5).
#pragma once

#include <string>
#include <vector>

#include "vmms/ssh/ssh.hpp"

namespace tango::vmms::ssh {

/// Longer ones have no room for the name that ssh binds first (PATH and 17 bytes more).
inline constexpr std::size_t kSocketPathMax = 108 - 1 - 17;

/// The process that holds the connection, which others find through `socket`.
std::vector<std::string> masterArguments(const SshTarget& target, const SshPatience& patience,
                                         const std::string& socket);

/// A command over the connection behind `socket`, or over one of its own where there is none.
std::vector<std::string> commandArguments(const SshTarget& target, const SshPatience& patience,
                                          const std::string& socket, const std::string& command);

}  // namespace tango::vmms::ssh
