// Standing by: autodriver in a container, which serves a single job's requests from its standard
// streams or from connections to a socket. See drive/messages.hpp for what is said.
//
// How it differs from an ordinary call. The container is what bounds the job and what goes behind
// it: its control group limits memory and processes, its file systems in memory the files, its pid
// namespace ends with autodriver. So nothing is limited here but time, output, what rlimits can,
// and the number of processes where the group is our own; nothing is deleted; and the groups are
// only read, for what was used. There is no caller: the service's bytes come in through the
// standard input or the socket, and the files among them are made by a process with autograde's
// rights.
#pragma once

#include "autodriver/entry.hpp"
#include "autodriver/job.hpp"
#include "autodriver/options.hpp"
#include "autodriver/service_end.hpp"
#include "autodriver/stop_signals.hpp"
#include "base/clock.hpp"
#include "sandbox/parts/cgroup.hpp"

namespace tango::autodriver {

/// The user that runs jobs.
inline constexpr const char* kJobUser = "autograde";

/// Stands by as the first process of a container that an engine has made, on its standard streams.
/// Returns the program's exit status, when the service is gone (or silent for longer than its
/// lease) or autodriver was told to stop: 0; 3 if it cannot stand by at all. Its last word is on
/// stderr. `caller` is root.
int standBy(const Options& options, Caller caller);

/// The job of an autodriver that stands by: user autograde, added to /etc if there is none and the
/// options have a number for it.
Result<Job> makeStandByJob(const Options& options, Caller caller, Inherit which);

/// Makes the job's folder ready, and the slots for students' commands; no job may have run yet.
/// `memory_bytes`: of the container; 0: unknown.
Result<void> prepareToServe(Job& job, std::uint64_t memory_bytes, const StopSignals& stop);

/// Serves the one job, and returns what it ended for. `limits` (may be null) is the group in which
/// the number of processes is limited; else that is the container's engine's.
base::Error serveJob(Job job, ServiceEnd service, const StopSignals& stop, sandbox::Cgroup* limits);

/// Says it on stderr.
void sayLastWord(const base::Error& error);

}  // namespace tango::autodriver
