// Standing by: autodriver as the first process of a container, which serves a single job's requests
// from its standard streams. See drive/messages.hpp for what is said.
//
// How it differs from an ordinary call. The container is what bounds the job and what goes behind
// it: its control group limits memory and processes, its file systems in memory the files, its pid
// namespace ends with autodriver. So nothing is limited here but time, output and what rlimits can;
// nothing is deleted; and the groups are only read, for what was used. There is no caller: the
// service's bytes come in through the standard input, and the files among them are made by a
// process with autograde's rights.
#pragma once

#include "autodriver/entry.hpp"
#include "base/clock.hpp"

namespace tango::autodriver {

/// Returns the program's exit status, when the service is gone (or silent for longer than `lease`)
/// or autodriver was told to stop: 0; 3 if it cannot stand by at all. Its last word is on stderr.
/// `caller` is root. `user_id`: of the user that is added if there is none; 0: none is.
int standBy(base::Millis lease, uid_t user_id, Caller caller);

}  // namespace tango::autodriver
