// tango-cli: the command line client that Tango's users know. Newer verbs are those of `tango`.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "base/error.hpp"
#include "tango-cli/options.hpp"
#include "tango-cli/verbs.hpp"
#include "tango-cli/wire_client.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/command.hpp"

namespace {

using tango::base::Error;

int fail(int status, const Error& error) {
  std::fflush(stdout);
  std::fprintf(stderr, "tango-cli: %s\n", tango::client::onOneLine(error.message()).c_str());
  return status;
}

int runCli(int argc, char** argv) {
  CLI::App app("Talks to a Tango server.", "tango-cli");
  app.set_version_flag("--version", "tango-cli " TANGO_VERSION);
  // As in Tango's client: of an option that is given twice the last one counts.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  tango::cli::Options options;
  tango::cli::addOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tango::app::kOk : tango::app::kBadUsage;
  }
  tango::cli::completeOptions(options);
  if (!tango::cli::hasVerb(options)) {
    std::fputs(app.help().c_str(), stderr);
    return tango::app::kBadUsage;
  }
  if (const auto usable = tango::cli::checkOptions(options); !usable) {
    return fail(tango::app::kBadUsage, usable.error());
  }
  tango::cli::WireClient wire(options);
  auto done = wire.check();
  if (done) {
    done = tango::cli::perform(options, wire);
  }
  if (!done) {
    return fail(tango::app::kFailed, done.error());
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return fail(tango::app::kFailed, tango::base::systemError(errno, "write to standard output"));
  }
  return tango::app::kOk;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return runCli(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tango-cli: %s\n", error.what());
    return tango::app::kFailed;
  }
}
