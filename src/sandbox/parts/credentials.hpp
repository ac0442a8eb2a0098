// Giving up everything that a job must not have. Called between fork and exec: nothing here
// allocates, and false means that errno says why.
#pragma once

#include "sandbox/spec.hpp"

namespace tango::sandbox {

/// Becomes `user` with no supplementary group (where setgroups is allowed; in a namespace that an
/// ordinary user made it is not, and nothing is mapped that a group could give).
bool becomeUser(JobUser user);

/// Empties the bounding set, so that no file can give a capability back. Needs CAP_SETPCAP.
bool dropBoundingSet();

/// Drops all capabilities for good: no_new_privs is set too.
bool dropCapabilities();

}  // namespace tango::sandbox
