// Takes one job through a VM's life on a VMMS, as job_run says, and writes its output.
#pragma once

#include <ctime>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/job.hpp"
#include "scheduler/job_run.hpp"
#include "vmms/vmms.hpp"

namespace tango::scheduler {

struct WorkerConfig {
  int retries_max = model::kJobRetriesDefault;
  /// How long a VM may take to become ready (Tango's WAITVM_TIMEOUT).
  base::Millis wait_vm_timeout{60'000};
  base::Millis destroy_timeout{30'000};
  /// VMs of this worker are called `vm_prefix`-ID-IMAGE.
  std::string vm_prefix = "local";
};

/// What a worker tells while it works; every function may be empty.
struct WorkerEvents {
  std::function<void(const std::string& line)> trace;  ///< a line without its date
  /// The VM is ready for the job to run: the moment to listen to its output.
  std::function<void(const model::Vm& vm)> about_to_run;
};

class Worker {
 public:
  /// `vmms` is borrowed and must outlive the worker. `now` is the wall clock, for the dates shown.
  Worker(
      vmms::Vmms& vmms, WorkerConfig config, WorkerEvents events,
      std::function<std::time_t()> now = [] { return std::time(nullptr); });

  /// Runs `job` to its end and writes the whole output file (head, autodriver's line, output) to
  /// `output_fd`, an empty file that is borrowed. `vm_id` names the VM, and each further try's VM
  /// the number after. The Error is one of writing the file: what failed the job is in the JobRun.
  boost::asio::awaitable<base::Result<JobRun>> run(model::Job job, std::int64_t vm_id,
                                                   int output_fd);

  /// Ends the job that `run` is running: its VM is destroyed and it is not tried again.
  boost::asio::awaitable<void> cancel();

 private:
  boost::asio::awaitable<void> takeStep(const model::Job& job, JobRun& run, std::int64_t vm_id,
                                        int output_fd);
  boost::asio::awaitable<void> makeVm(const model::Job& job, JobRun& run, std::int64_t vm_id);
  boost::asio::awaitable<void> runOnVm(const model::Job& job, JobRun& run);
  boost::asio::awaitable<void> fetch(const model::Job& job, JobRun& run, int output_fd);
  boost::asio::awaitable<void> destroyVm(JobRun& run);
  void trace(const std::string& line) const;
  void settle(const model::Job& job, JobRun& run, const base::Result<void>& result) const;

  vmms::Vmms& vmms_;
  const WorkerConfig config_;
  const WorkerEvents events_;
  const std::function<std::time_t()> now_;
  std::optional<model::Vm> vm_;
  bool cancelled_ = false;
  std::time_t received_ = 0;
};

}  // namespace tango::scheduler
