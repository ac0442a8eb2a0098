// `tango run DIR [FILE...]`: one job from a folder, in this process, without a server.
#pragma once

#include "tango/command.hpp"

namespace CLI {
class App;
}

namespace tango::app {

/// Adds the verb to `app`. `command` is borrowed for as long as `app` parses and its run is called.
void addRunCommand(CLI::App& app, Command& command);

}  // namespace tango::app
