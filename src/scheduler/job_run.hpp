// How a job runs, as a pure machine: the steps of a VM's life, what follows each one's end, and
// when it is tried again. No clock, no I/O; the worker carries out what it says.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "model/outcome.hpp"

namespace tango::scheduler {

enum class Step { kInitializeVM, kWaitVM, kCopyIn, kRunJob, kCopyOut, kDestroyVM, kFinished };

/// How far each step came in the last try, as the output file of a job that failed shows it.
struct StepStatuses {
  std::optional<int> wait_vm;
  std::optional<int> copy_in;
  std::optional<int> run_job;
  std::optional<int> copy_out;
};

class JobRun {
 public:
  /// `retries_max`: how many times more it is tried when our own machinery fails it.
  explicit JobRun(int retries_max) : retries_max_(retries_max) {}

  /// What is to be done now.
  [[nodiscard]] Step step() const { return step_; }
  /// The number of the try, from 0.
  [[nodiscard]] int attempt() const { return attempt_; }

  /// The step was done. kRunJob's end goes to `ran`.
  void done();
  void ran(model::RunOutcome outcome);
  /// The step failed for our own reasons. Destroying a VM that fails ends a job all the same.
  void failed(base::Error error);
  /// Somebody wants the job's end; it is not tried again.
  void cancel() { cancelled_ = true; }

  /// Once finished: the job ran and its output was fetched.
  [[nodiscard]] bool completed() const { return !error_.has_value(); }
  [[nodiscard]] bool cancelled() const { return cancelled_ && error_.has_value(); }
  [[nodiscard]] const std::optional<model::RunOutcome>& outcome() const { return outcome_; }
  /// Why it was not completed, or why the last try failed.
  [[nodiscard]] const std::optional<base::Error>& error() const { return error_; }
  /// The step that failed last.
  [[nodiscard]] Step failedStep() const { return failed_step_; }
  [[nodiscard]] const StepStatuses& statuses() const { return statuses_; }
  /// Another try follows the destruction that is to be done now.
  [[nodiscard]] bool willRetry() const;

 private:
  void note(int status);

  const int retries_max_;
  int attempt_ = 0;
  Step step_ = Step::kInitializeVM;
  Step failed_step_ = Step::kFinished;
  bool cancelled_ = false;
  StepStatuses statuses_;
  std::optional<model::RunOutcome> outcome_;
  std::optional<base::Error> error_;
};

/// Whether a new VM could help where `step` failed with `error`: not if the request itself is wrong
/// or the host cannot do it. kNotFound is final only of an image; of a step it says that the VM
/// vanished.
[[nodiscard]] bool worthRetrying(const base::Error& error, Step step);

}  // namespace tango::scheduler
