// A job's files, opened to be sent to the autodriver that stands by in its VM.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/input_file.hpp"

namespace tango::vmms::driven {

struct DrivenFile {
  std::string name;  ///< one path component
  base::UniqueFd file;
  bool executable = false;
};

/// Opens them all, under their destFiles. kInvalid: see checkInputNames and openInput; kTooLarge:
/// they are more than `bytes_max` together.
base::Result<std::vector<DrivenFile>> openFiles(const model::InputFiles& files,
                                                std::uint64_t bytes_max);

}  // namespace tango::vmms::driven
