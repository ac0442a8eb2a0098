// What goes wrong with a request, as RFC 9457 has it: application/problem+json.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "http/message.hpp"

namespace tango::api::v1 {

struct Problem {
  int status = 500;
  std::string detail;  ///< a sentence for people
  /// The part of the request that is wrong ("limits.timeout_seconds"); "": none in particular.
  std::string field;
  /// Of a rejected job; 0: there is none.
  std::int64_t job_id = 0;
  std::vector<std::string> reasons;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// What a step gives, or why the request ends there.
template <class T>
using OrProblem = std::variant<T, Problem>;

/// 400: `field` is not what the API's description says.
[[nodiscard]] Problem badField(std::string field, std::string detail);

/// For an error that no handler has a better word for: kInvalid 400, kNotFound 404, kExists 409,
/// kTooLarge 413, kUnsupported 422, kTimeout 408, and 500 for all else, which is logged and not
/// told: it may name what is nobody's business.
[[nodiscard]] Problem problemOf(const base::Error& error);

[[nodiscard]] http::Response answer(Problem problem);

}  // namespace tango::api::v1
