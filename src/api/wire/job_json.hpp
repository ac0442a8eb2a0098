// The wire's JSON of a job, both ways.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/service_config.hpp"
#include "model/job_record.hpp"
#include "model/submission.hpp"

namespace tango::api::wire {

/// The body of addJob. What it does not say is as `config` has it. Unknown fields are ignored;
/// kInvalid names a field that is missing or of the wrong type. A timeout or max_kb that is 0,
/// negative or null is the default; fractions count.
///
/// Network: Tango's jobs have it unless `disable_network` is true. Here it is the administrator's
/// to give: a job has it where `config` gives it to jobs that say nothing, and may disable it.
base::Result<model::Submission> submissionFromJson(std::string_view body,
                                                   const std::string& courselab,
                                                   const config::ServiceConfig& config);

/// The object of `/jobs`, with the fields in the order and of the types that clients know. The
/// folder in its paths is named after the courselab alone; Tango's has the client's key in it.
/// Cores and memory are null where they are as `usual`.
[[nodiscard]] std::string jobJson(const model::JobRecord& job, const model::MachineSpec& usual);

}  // namespace tango::api::wire
