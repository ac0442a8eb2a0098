// One call of autodriver, from the checked command line to the outcome.
#pragma once

#include "autodriver/job.hpp"
#include "autodriver/options.hpp"
#include "autodriver/output_spool.hpp"
#include "model/outcome.hpp"

namespace tango::autodriver {

struct Finished {
  model::RunOutcome outcome;
  OutputSpool output;
  bool cleaned = false;
};

/// Everything about the job that does not depend on what it does: who runs it, with what. Needs
/// takeOver to have been called.
Result<Job> prepareJob(const Options& options, Caller caller);

/// Copies the folder, runs make in it under the limits, kills and deletes what is left. When it
/// returns, nothing of the job exists any more.
Result<Finished> runJob(const Options& options, Job job);

}  // namespace tango::autodriver
