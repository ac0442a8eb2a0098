#include "scheduler/job_text.hpp"

#include "base/clock.hpp"

namespace tango::scheduler {
namespace {

std::string status(int number) {
  return " [status=" + std::to_string(number) + "]";
}

std::string seconds(std::chrono::milliseconds duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

std::string shown(const std::optional<int>& number) {
  return number ? std::to_string(*number) : "None";
}

std::string stamped(std::time_t when, const std::string& line) {
  return "Autograder [" + base::ctimeLocal(when) + "]: " + line + "\n";
}

std::string failureLine(const JobRun& run) {
  switch (run.failedStep()) {
    case Step::kCopyIn:
      return "Error: Copy in to VM failed (status=" + shown(run.statuses().copy_in) + ")";
    case Step::kCopyOut:
      return "Error: Copy out from VM failed (status=" + shown(run.statuses().copy_out) + ")";
    case Step::kRunJob:
      return "Error: OS error while running job on VM";
    default:
      return "Error: " + run.error()->message();
  }
}

}  // namespace

std::string dispatchedLine(const model::Job& job, int attempt) {
  return "Dispatched job " + job.label() + " [try " + std::to_string(attempt) + "]";
}

std::string assignedLine(const model::Job& job, const std::string& vm, bool existing) {
  return "Assigned job " + job.label() + (existing ? " existing VM " : " new VM ") + vm;
}

std::string waitingLine(const model::Job& job, const std::string& vm) {
  return "Job " + job.label() + " waiting for VM " + vm;
}

std::string readyLine(const model::Job& job, const std::string& vm) {
  return "VM " + vm + " ready for job " + job.label();
}

std::string copiedInLine(const model::Job& job, int number) {
  return "Input copied for job " + job.label() + status(number);
}

std::string executedLine(const model::Job& job, int number) {
  return "Job " + job.label() + " executed" + status(number);
}

std::string copiedOutLine(const model::Job& job, int number) {
  return "Output copied for job " + job.label() + status(number);
}

std::string failedLine(const model::Job& job, const std::string& why) {
  return "Job " + job.label() + " failed: " + why;
}

std::string verdictLine(const model::Job& job, const JobRun& run) {
  if (run.cancelled()) {
    return "Error: Job was cancelled";
  }
  if (!run.completed()) {
    return failureLine(run);
  }
  const std::optional<model::RunOutcome>& outcome = run.outcome();
  if (outcome && outcome->ended_by == model::Limit::kCpuTime) {
    return "Error: Job used more than " + seconds(job.limits.cpu_time) + " seconds of CPU time";
  }
  if (outcome && outcome->timedOut()) {
    return "Error: Job timed out after " + seconds(job.limits.wall_time) + " seconds";
  }
  return "Success: Autodriver returned normally";
}

std::string outputHeader(const model::Job& job, const JobRun& run, std::time_t received,
                         std::time_t ended) {
  std::string header = stamped(received, "Received job " + job.label());
  const bool gave_up =
      !run.completed() && !run.cancelled() && worthRetrying(*run.error(), run.failedStep());
  if (gave_up) {
    // attempt() counts from 0, so it is also how often the job was tried again.
    header += stamped(ended, "Internal error: Unable to complete job after " +
                                 std::to_string(run.attempt()) + " tries. Please resubmit");
    const StepStatuses& statuses = run.statuses();
    header += stamped(ended, "Job status: waitVM=" + shown(statuses.wait_vm) + " copyIn=" +
                                 shown(statuses.copy_in) + " runJob=" + shown(statuses.run_job) +
                                 " copyOut=" + shown(statuses.copy_out));
  } else {
    header += stamped(ended, verdictLine(job, run));
  }
  return header + stamped(ended, "Here is the output from the autograder:\n---");
}

std::string unrunOutput(const std::string& label, const std::string& why, std::time_t received,
                        std::time_t ended) {
  return stamped(received, "Received job " + label) + stamped(ended, why);
}

std::string traceLine(std::time_t when, const std::string& line) {
  return base::ctimeUtc(when) + "|" + line;
}

}  // namespace tango::scheduler
