// Takes one job through a VM's life on a VMMS, as job_run says, and writes its output.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "async/event.hpp"
#include "async/time_source.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/job.hpp"
#include "pool/vm_source.hpp"
#include "scheduler/job_run.hpp"
#include "vmms/vmms.hpp"

namespace tango::scheduler {

struct WorkerConfig {
  int retries_max = model::kJobRetriesDefault;
  /// How long a VM may take to become ready (Tango's WAITVM_TIMEOUT).
  base::Millis wait_vm_timeout{60'000};
};

/// What a worker tells while it works; every function may be empty.
struct WorkerEvents {
  std::function<void(const std::string& line)> trace;  ///< a line without its date
  /// `step` begins; `vm`: the job's, null while it has none.
  std::function<void(Step step, const model::Vm* vm)> begins;
  /// `step` failed for our own reasons; another try may follow.
  std::function<void(Step step, const base::Error& error)> failed;
};

class Worker {
 public:
  /// `vmms` and `source`, whose VMs are of `vmms`, are borrowed and must outlive the worker. `now`
  /// is the wall clock, for the dates shown; `time` is for deadlines.
  Worker(
      const boost::asio::any_io_executor& executor, vmms::Vmms& vmms, pool::VmSource& source,
      WorkerConfig config, WorkerEvents events,
      std::function<std::time_t()> now = [] { return std::time(nullptr); },
      async::TimeSource time = {});

  /// Runs `job` to its end on a VM of the VMMS called `vmms_name`, and writes the whole output file
  /// (head, autodriver's line, output) to `output_fd`, an empty file that is borrowed. `received`
  /// is when the job came. The Error is one of writing the file: what failed the job is in the
  /// JobRun.
  boost::asio::awaitable<base::Result<JobRun>> run(model::Job job, std::string vmms_name,
                                                   std::time_t received, int output_fd);

  /// Ends the job that `run` is running: its VM is destroyed and it is not tried again.
  boost::asio::awaitable<void> cancel();

 private:
  boost::asio::awaitable<void> takeStep(const model::Job& job, JobRun& run, int output_fd);
  boost::asio::awaitable<void> takeVm(const model::Job& job, JobRun& run);
  boost::asio::awaitable<void> awaitVm(const model::Job& job, JobRun& run);
  boost::asio::awaitable<void> runOnVm(const model::Job& job, JobRun& run);
  boost::asio::awaitable<void> fetch(const model::Job& job, JobRun& run, int output_fd);
  boost::asio::awaitable<void> leaveVm(JobRun& run);
  void trace(const std::string& line) const;
  void settle(const model::Job& job, JobRun& run, const base::Result<void>& result) const;

  vmms::Vmms& vmms_;
  pool::VmSource& source_;
  const WorkerConfig config_;
  const WorkerEvents events_;
  const std::function<std::time_t()> now_;
  const async::TimeSource time_;
  const std::shared_ptr<async::Event> cancelled_;
  std::string vmms_name_;
  std::optional<pool::TakenVm> vm_;
  std::time_t received_ = 0;
};

}  // namespace tango::scheduler
