// Giving up everything that a job must not have. Called between fork and exec: nothing here
// allocates, and false means that errno says why.
#pragma once

#include "sandbox/spec.hpp"

namespace tango::sandbox {

/// Becomes `user` with no supplementary group (where setgroups is allowed; in a namespace that an
/// ordinary user made it is not, and nothing is mapped that a group could give).
bool becomeUser(JobUser user);

/// For as long as it lives, files are opened and made as `user` would, who is another than the
/// caller. Signals and all else stay the caller's.
class FileRights {
 public:
  explicit FileRights(JobUser user);
  FileRights(const FileRights&) = delete;
  FileRights& operator=(const FileRights&) = delete;
  ~FileRights();

 private:
  int death_ = 0;  ///< what this process dies with: a change of ids clears it
};

/// Empties the bounding set, so that no file can give a capability back. Needs CAP_SETPCAP.
bool dropBoundingSet();

/// Drops all capabilities for good: no_new_privs is set too.
bool dropCapabilities();

}  // namespace tango::sandbox
