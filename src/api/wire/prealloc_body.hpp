// The body of prealloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::api::wire {

/// What the VMs shall be like; absent: as configured.
struct PreallocBody {
  std::string vmms;  ///< "": the image's
  std::optional<double> cores;
  std::optional<double> memory_mb;
};

/// JSON (`{"vmms":"...","cores":2,"memory":512}`), the same as a form (Autolab sends
/// `vmms=...&cores=2&memory=512`), or nothing at all. Null, "" and 0 are absent; numbers may be in
/// strings; unknown fields are ignored. kInvalid names the field that is wrong.
base::Result<PreallocBody> preallocBodyOf(std::string_view body);

}  // namespace tango::api::wire
