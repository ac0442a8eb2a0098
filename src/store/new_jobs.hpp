// How a job comes into the store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/session.hpp"

namespace tango::store {

/// See JobStore::addJob.
Result<AddedJob> addJob(Session& session, const model::Submission& asked,
                        const AddOptions& options);
/// See JobStore::addRejectedJob.
std::int64_t addRejectedJob(Session& session, const model::Submission& submission,
                            const std::vector<std::string>& trace, UnixMillis now);

}  // namespace tango::store
