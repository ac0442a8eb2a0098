// tango-student's command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::student {

struct Options {
  enum class Action { kRun, kHelp, kVersion };

  Action action = Action::kRun;
  sandbox::StudentLimits limits;
  std::uint64_t output_bytes = std::uint64_t{16} * 1024 * 1024;
  std::vector<std::string> files;        ///< given to the command, and folders with all in them
  std::vector<std::string> results;      ///< files of the command's that are fetched at its end
  std::vector<std::string> environment;  ///< "NAME" (of ours) or "NAME=value"
  std::optional<std::string> report;     ///< where the report goes
  bool share_network = false;
  std::vector<std::string> command;
};

/// kInvalid: what is wrong, naming the option.
[[nodiscard]] base::Result<Options> parseOptions(int argc, char** argv);

[[nodiscard]] const char* helpText();

}  // namespace tango::student
