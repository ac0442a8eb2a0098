// A job from a folder: its Makefile and the files beside it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/input_file.hpp"

namespace tango::app {

/// The input files of the job in `folder`: all regular files in it, and over them `extra`, each a
/// path or NAME=PATH. A file `autograde-Makefile` becomes the job's `Makefile`, in the place of one
/// that is there for the lab's own use. `left_out` is told of whatever is not a file. kInvalid or
/// kNotFound: a sentence that says what is wrong and what to do.
base::Result<model::InputFiles> inputsOf(const std::filesystem::path& folder,
                                         const std::vector<std::string>& extra,
                                         const std::function<void(const std::string&)>& left_out);

}  // namespace tango::app
