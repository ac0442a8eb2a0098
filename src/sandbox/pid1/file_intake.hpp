// A job's files on their way into its work folder. The job does not run yet, so nobody plants
// links here; the names are single components all the same.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

class FileIntake {
 public:
  Result<void> open(JobUser owner);
  /// Copies one file: `body` is an encoded FileHeader, `file` its open source. After a failure the
  /// rest is left out; `result` has the first one.
  void take(std::string_view body, UniqueFd file);
  [[nodiscard]] const Result<void>& result() const { return result_; }

 private:
  Result<void> copy(std::string_view body, const UniqueFd& file);

  UniqueFd folder_;
  JobUser owner_;
  Result<void> result_;
};

}  // namespace tango::sandbox
