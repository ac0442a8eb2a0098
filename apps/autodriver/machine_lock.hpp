// Only one autodriver runs jobs on a machine at a time: there is one user to run them as, and two
// would kill each other's.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::autodriver {

/// The lock, which is held as long as the descriptor is open in any process; none at all on an
/// image whose /run cannot be written to. kExists: another one held it until `deadline`.
base::Result<base::UniqueFd> takeMachineLock(base::Deadline deadline = base::Deadline::min());

/// The same of any file at `path`, which is made if it is missing: a path that is root's all along.
base::Result<base::UniqueFd> takeLock(const char* path, base::Deadline deadline);

}  // namespace tango::autodriver
