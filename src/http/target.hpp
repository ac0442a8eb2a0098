// The target of a request: its path, cut and decoded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tango::http {

struct Target {
  std::vector<std::string> segments;  ///< see Request::segments
  std::string query;                  ///< undecoded, without '?'
};

/// kInvalid: not a path, a bad percent escape, a NUL, or a segment that is not UTF-8. A target in
/// absolute form (http://HOST/PATH), which RFC 9112 wants accepted, is taken for its path.
base::Result<Target> parseTarget(std::string_view target);

}  // namespace tango::http
