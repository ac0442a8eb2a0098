// What the command line of `tango run` asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/job.hpp"
#include "tango/command.hpp"

namespace CLI {
class App;
}

namespace tango::app {

struct RunRequest {
  std::string folder;
  std::vector<std::string> extra;
  std::string vmms = "sandbox";
  std::string output;  ///< where the output file goes; "": nowhere
  std::string config;
  bool json = false;
  bool allow_unenforced = false;
  double timeout_seconds = 60;
  double cpu_seconds = 0;
  double cpus = 0;
  model::Job job;
};

/// Adds the options to `verb`; they are written to `request` as the line is parsed.
void addRunOptions(CLI::App& verb, RunRequest& request);

/// Completes `request.job`: the inputs from the folder, the limits in their own units, checked
/// against the site's caps. Whatever is left out of the folder is said on stderr.
base::Result<void> completeJob(RunRequest& request);

}  // namespace tango::app
