// `tango image import NAME DIR|TARBALL`, `tango image list`, `tango image remove NAME`.
#pragma once

#include "tango/command.hpp"

namespace CLI {
class App;
}

namespace tango::app {

/// Adds the verb to `app`. `command` is borrowed for as long as `app` parses and its run is called.
void addImageCommand(CLI::App& app, Command& command);

}  // namespace tango::app
