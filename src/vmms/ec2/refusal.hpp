// EC2's "no": what its error codes mean for us, and what can be done about each.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tango::vmms::ec2 {

/// An answer that is not 200.
struct Refusal {
  int status = 0;
  std::string code;     ///< "InsufficientInstanceCapacity"; "": the answer has none
  std::string message;  ///< EC2's words
};

enum class Remedy {
  kNone,         ///< the same request will be refused again
  kAgain,        ///< the same request, after a pause
  kCredentials,  ///< other credentials, or the same ones found anew
  kElsewhere,    ///< another zone, or another type of instance
};

/// Of an answer's status and body; a body that is no error of EC2's counts by its status alone.
[[nodiscard]] Refusal refusalOf(int status, std::string_view body);

[[nodiscard]] Remedy remedyOf(const Refusal& refusal);

/// The error as remote::Cloud has it. `action` is what was asked ("RunInstances"); `clock_behind`:
/// by how many seconds our clock is behind EC2's (negative: ahead), where its answer says so.
[[nodiscard]] base::Error errorOf(const Refusal& refusal, std::string_view action,
                                  std::optional<std::int64_t> clock_behind);

/// Seconds since 1970 of a Date header ("Tue, 24 Nov 2026 10:28:21 GMT"); nothing: it is none.
[[nodiscard]] std::optional<std::int64_t> timeOfDate(std::string_view header);

}  // namespace tango::vmms::ec2
