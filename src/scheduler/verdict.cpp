#include "scheduler/verdict.hpp"

namespace tango::scheduler {

model::Verdict verdictOf(const JobRun& run) {
  if (run.cancelled()) {
    return model::Verdict::kCancelled;
  }
  if (!run.completed() || !run.outcome()) {
    return model::Verdict::kInternalError;
  }
  if (run.outcome()->ended_by) {
    return model::Verdict::kLimit;
  }
  return run.outcome()->succeeded() ? model::Verdict::kSucceeded : model::Verdict::kFailed;
}

}  // namespace tango::scheduler
