// tango: one program, one verb for each thing that it does.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "tango/bench/bench_command.hpp"
#include "tango/client/commands.hpp"
#include "tango/command.hpp"
#include "tango/config_command.hpp"
#include "tango/ec2_command.hpp"
#include "tango/image_command.hpp"
#include "tango/run_command.hpp"
#include "tango/serve_command.hpp"

namespace {

int runTango(int argc, char** argv) {
  CLI::App app("Tango runs students' programs in sandboxes and brings back their grades.", "tango");
  app.set_version_flag("--version", "tango " TANGO_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "The help of every verb");
  tango::app::Command command;
  app.add_option("--data-dir", command.data_folder,
                 "Where images are kept (default: /var/lib/tango for root, else "
                 "~/.local/share/tango)")
      ->type_name("DIR");
  tango::app::addServeCommand(app, command);
  tango::app::addRunCommand(app, command);
  tango::app::addImageCommand(app, command);
  tango::app::addConfigCommand(app, command);
  tango::app::addEc2Command(app, command);
  tango::client::addClientCommands(app, command);
  tango::bench::addBenchCommand(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tango::app::kOk : tango::app::kBadUsage;
  }
  return command.run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return runTango(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tango: %s\n", error.what());
    return 3;
  }
}
