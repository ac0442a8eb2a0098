// Whether two submissions are the same.
#pragma once

#include <string>

#include "model/submission.hpp"

namespace tango::store {

/// SHA-256 (32 bytes) over every field of `submission`, whose files' contents are resolved: equal
/// for equal ones only.
[[nodiscard]] std::string submissionHash(const model::Submission& submission);

}  // namespace tango::store
