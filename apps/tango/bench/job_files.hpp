// The files of the job that is measured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/input_file.hpp"

namespace tango::bench {

/// `makefile` ("": one that says hello) as the job's Makefile, and `more` beside it, each a path or
/// NAME=PATH; copied into the new folder `into`, so that all runs have the same. The message of an
/// error names the option.
base::Result<model::InputFiles> jobFiles(const std::filesystem::path& into,
                                         const std::string& makefile,
                                         const std::vector<std::string>& more);

}  // namespace tango::bench
