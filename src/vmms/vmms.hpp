// The one interface behind which VMs are made: a VM management system (VMMS). The names of its
// eight methods are those of Tango's documentation, so that whoever has written a VMMS for Tango
// finds them here.
//
// The contract, which tests/conformance/vmms proves for every backend:
//
// Order. A VM's life is initializeVM, waitVM, copyIn, runJob, copyOut, destroyVM. Each step before
// destruction is called at most once a VM and only after the one before it was ok; a call out of
// order is answered with kInvalid. A VM runs one job and is never used for a second one.
//
// At once. Calls for different VMs may overlap freely. For one VM only destroyVM and safeDestroyVM
// may be called while another call is under way: that call then ends soon with kCancelled or
// kNotFound. This is how a job is cancelled.
//
// Failure. An Error is ours or the backend's fault and may be retried with a new VM. What the
// job's program did (exit status, signal, time, memory, output) is a RunOutcome, never an Error. A
// VM after any Error is only good for destruction; but a call that was refused as out of order
// (kInvalid) leaves the VM, and a call under way, as they were. Every method on a VM that does not
// exist is kNotFound, but for the two that destroy. Once a destruction has begun, every other call
// is kNotFound or kCancelled, also behind a destruction that failed.
//
// Restart. A VM that survives its service keeps its name, is listed and can be destroyed; that is
// all. A name is what VmName::text() gives: two that give the same text are one.
//
// Lifetime. A Vmms is destroyed only when no call is under way. A call is stopped by destroying its
// VM, never through Asio's cancellation.
//
// Threads. All methods are called on, and resume on, the one thread of the service.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/input_file.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"
#include "model/outcome.hpp"
#include "model/vm.hpp"

namespace tango::vmms {

using base::Deadline;
using base::Result;
using boost::asio::awaitable;
using model::InputFiles;
using model::MachineSpec;
using model::RunLimits;
using model::RunOutcome;
using model::Vm;
using model::VmName;

/// Where copyOut writes: an open regular file of the service's own, from its current offset on.
struct OutputTarget {
  int fd = -1;  ///< borrowed until copyOut has returned
};

class Vmms {
 public:
  Vmms() = default;
  Vmms(const Vmms&) = delete;
  Vmms& operator=(const Vmms&) = delete;
  virtual ~Vmms() = default;

  /// Begins to make a VM. It may return while the machine still boots. kExists: the name is taken;
  /// kNotFound: there is no such image; kUnsupported: this host cannot enforce what `spec` asks.
  virtual awaitable<Result<Vm>> initializeVM(VmName name, MachineSpec spec) = 0;

  /// Ok once copyIn may be called. kTimeout: not ready by `deadline`.
  virtual awaitable<Result<void>> waitVM(Vm vm, Deadline deadline) = 0;

  /// Copies every file into the VM's working folder under its destFile, keeping the execute bit.
  /// kInvalid: a destFile is not one path component or comes twice, or a local file is missing or
  /// not a regular file; kTooLarge: they do not fit on the VM's disk. That a file cannot be read
  /// may also be runJob's error, before anything runs.
  virtual awaitable<Result<void>> copyIn(Vm vm, InputFiles files) = 0;

  /// Runs `make` in the working folder under `limits` until it ends or a limit ends it.
  /// kUnsupported: a limit cannot be enforced here; the job has not run then.
  virtual awaitable<Result<RunOutcome>> runJob(Vm vm, RunLimits limits) = 0;

  /// Writes what autodriver prints: its line (model::autodriverLine), then the job's output, within
  /// runJob's output limit.
  virtual awaitable<Result<void>> copyOut(Vm vm, OutputTarget target) = 0;

  /// One attempt to destroy the VM. Ok as well if it is gone already.
  virtual awaitable<Result<void>> destroyVM(Vm vm) = 0;

  /// Ok means: it no longer exists. Tries until `deadline`, then kTimeout.
  virtual awaitable<Result<void>> safeDestroyVM(Vm vm, Deadline deadline) = 0;

  /// All VMs of this service that exist, those included that it has forgotten (after a restart).
  virtual awaitable<Result<std::vector<Vm>>> getVMs() = 0;
};

/// For backends that can show a job's output while it runs.
class LiveOutput {
 public:
  LiveOutput() = default;
  LiveOutput(const LiveOutput&) = delete;
  LiveOutput& operator=(const LiveOutput&) = delete;
  virtual ~LiveOutput() = default;

  /// What the running job of `vm` has written so far, within its output limit. kNotFound: no job
  /// runs there.
  virtual Result<std::string> getPartialOutput(const Vm& vm) = 0;

  /// Calls `listener` with each piece of output of `vm`'s job as it is written, until the job
  /// ends. Set before runJob; called on the service's thread; it must not block.
  virtual Result<void> onOutput(const Vm& vm, std::function<void(std::string_view)> listener) = 0;
};

}  // namespace tango::vmms
