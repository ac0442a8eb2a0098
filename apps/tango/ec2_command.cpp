#include "tango/ec2_command.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/write_all.hpp"
#include "config/service_config.hpp"
#include "vmms/ec2/setup_script.hpp"

namespace tango::app {
namespace {

using base::Result;

struct Options {
  std::string config_file;
  std::vector<std::string> packages;
  bool for_ami = false;
};

int printSetupScript(const Options& options) {
  const Result<config::ServiceConfig> config =
      config::siteConfig(options.config_file, config::KeyFile::kLeave);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message().c_str());  // each line names its file
    return kFailed;
  }
  const config::Ec2Ssh& ec2 = config->ec2_ssh;
  vmms::ec2::SetupPlan plan;
  plan.packages = options.packages.empty() ? ec2.set_up.packages : options.packages;
  plan.lease = options.for_ami ? base::Millis(0) : ec2.lease;
  plan.block_metadata = !options.for_ami && ec2.set_up.block_metadata;
  const Result<std::string> script = vmms::ec2::setupScript(plan);
  const Result<void> written =
      script ? base::writeAll(STDOUT_FILENO, *script, "standard output") : script.error();
  if (!written) {
    std::fprintf(stderr, "tango: %s\n", written.error().message().c_str());
    return kFailed;
  }
  return kOk;
}

}  // namespace

void addEc2Command(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* ec2 = app.add_subcommand("ec2", "Amazon EC2, the VMMS ec2SSH");
  ec2->require_subcommand(1);
  CLI::App* script = ec2->add_subcommand("setup-script",
                                         "Print the script that makes an instance ready for jobs: "
                                         "the user data that is sent with each");
  script
      ->add_option("--config", options->config_file,
                   std::string("The configuration whose [vmms.ec2SSH] counts (default: ") +
                       config::kSiteConfig + ", if it is there)")
      ->type_name("FILE");
  script
      ->add_option("--packages", options->packages,
                   "Debian packages that are installed where there is no make, in the place of the "
                   "configuration's")
      ->type_name("NAME")
      ->delimiter(',');
  script->add_flag("--for-ami", options->for_ami,
                   "For a machine that an AMI is to be made of: it does not shut down by itself, "
                   "and keeps its metadata service");
  script->callback(
      [&command, options] { command.run = [options] { return printSetupScript(*options); }; });
}

}  // namespace tango::app
