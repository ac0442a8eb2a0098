// `tango bench`: how fast the service is on this machine.
#pragma once

#include "tango/command.hpp"

namespace CLI {
class App;
}

namespace tango::bench {

/// Adds the verb to `app`. `command` is borrowed for as long as `app` parses and its run is called.
void addBenchCommand(CLI::App& app, app::Command& command);

}  // namespace tango::bench
