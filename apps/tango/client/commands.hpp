// The verbs that talk to a server: submit, status, output, cancel, jobs, pools, images, hosts,
// callbacks. One file each.
#pragma once

#include "tango/command.hpp"

namespace CLI {
class App;
}

namespace tango::client {

/// Add a verb to `app`. `command` is borrowed for as long as `app` parses and its run is called.
void addSubmitCommand(CLI::App& app, app::Command& command);
void addStatusCommand(CLI::App& app, app::Command& command);
void addOutputCommand(CLI::App& app, app::Command& command);
void addCancelCommand(CLI::App& app, app::Command& command);
void addJobsCommand(CLI::App& app, app::Command& command);
void addPoolsCommand(CLI::App& app, app::Command& command);
void addImagesCommand(CLI::App& app, app::Command& command);
void addHostsCommand(CLI::App& app, app::Command& command);
void addCallbacksCommand(CLI::App& app, app::Command& command);

/// All of them.
inline void addClientCommands(CLI::App& app, app::Command& command) {
  addSubmitCommand(app, command);
  addStatusCommand(app, command);
  addOutputCommand(app, command);
  addCancelCommand(app, command);
  addJobsCommand(app, command);
  addPoolsCommand(app, command);
  addImagesCommand(app, command);
  addHostsCommand(app, command);
  addCallbacksCommand(app, command);
}

}  // namespace tango::client
