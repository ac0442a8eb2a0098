#include "vmms/sandbox/outcome_of_run.hpp"

namespace tango::vmms {
namespace {

using model::Limit;
using std::chrono::microseconds;

std::optional<Limit> limitThatEnded(const sandbox::JobEnd& end, const sandbox::CgroupUsage& usage) {
  if (end.timed_out) {
    return Limit::kWallTime;
  }
  if (end.stopped) {
    return Limit::kCpuTime;
  }
  const bool failed = !end.exited || end.status != 0;
  if (!failed) {
    return std::nullopt;
  }
  if (usage.oom_kills > 0) {
    return Limit::kMemory;
  }
  if (end.disk_full) {
    return Limit::kDisk;
  }
  if (usage.forks_refused > 0) {
    return Limit::kProcesses;
  }
  return std::nullopt;
}

}  // namespace

model::RunOutcome outcomeOfRun(const sandbox::JobEnd& end, const sandbox::CgroupUsage& usage,
                               const base::HeadTail& output) {
  model::RunOutcome outcome;
  (end.exited ? outcome.exit_status : outcome.signal) = end.status;
  outcome.ended_by = limitThatEnded(end, usage);
  outcome.output_elided = output.elided();
  outcome.oom_kills = usage.oom_kills;
  outcome.usage.wall_time = microseconds(end.wall_us);
  // Without a control group, what init reaped is all that is known.
  outcome.usage.user_time = microseconds(usage.user_us.value_or(end.user_us));
  outcome.usage.system_time = microseconds(usage.system_us.value_or(end.system_us));
  outcome.usage.memory_peak_bytes = usage.memory_peak_bytes;
  outcome.usage.processes_peak = usage.processes_peak;
  outcome.usage.disk_bytes = end.disk_bytes;
  outcome.usage.disk_inodes = end.disk_inodes;
  outcome.usage.output_bytes = output.total();
  return outcome;
}

}  // namespace tango::vmms
