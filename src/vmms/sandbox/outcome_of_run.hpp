// The verdict on a run, from what the job's init and its control group saw of it.
#pragma once

#include "base/head_tail.hpp"
#include "model/outcome.hpp"
#include "sandbox/spec.hpp"

namespace tango::vmms {

/// A limit "ended" a job if init stopped it for that, or if make failed and the limit was hit: a
/// grader that sees its student's program die of hunger, and exits 0 with a score, succeeded.
model::RunOutcome outcomeOfRun(const sandbox::JobEnd& end, const sandbox::CgroupUsage& usage,
                               const base::HeadTail& output);

}  // namespace tango::vmms
