// `tango ec2 setup-script`: what an EC2 instance runs at its first boot, to read or to prepare an
// AMI with.
#pragma once

#include "tango/command.hpp"

namespace CLI {
class App;
}

namespace tango::app {

/// Adds the verb to `app`. `command` is borrowed for as long as `app` parses and its run is called.
void addEc2Command(CLI::App& app, Command& command);

}  // namespace tango::app
