// A job's files where they come from, on the service's side.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/input_file.hpp"

namespace tango::vmms {

/// One of them, open for reading.
struct OpenInput {
  base::UniqueFd fd;
  std::uint64_t bytes = 0;
  bool executable = false;  ///< its owner may execute it
};

/// Opens it without waiting for whatever it may be. kInvalid: missing, or not a regular file.
base::Result<OpenInput> openInput(const model::InputFile& input);

/// kInvalid: a destFile that is not one path component, or that comes twice.
base::Result<void> checkInputNames(const model::InputFiles& files);

}  // namespace tango::vmms
