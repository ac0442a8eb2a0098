// A job's files where they come from, on the service's side.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/input_file.hpp"

namespace tango::vmms {

/// Opens it for reading, without waiting for whatever it may be. kInvalid: missing, or not a
/// regular file.
base::Result<base::UniqueFd> openInput(const model::InputFile& input);

/// kInvalid: a destFile that is not one path component, or that comes twice.
base::Result<void> checkInputNames(const model::InputFiles& files);

/// Its owner may execute the open file `fd`.
[[nodiscard]] bool isExecutable(int fd);

}  // namespace tango::vmms
