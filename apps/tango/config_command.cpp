#include "tango/config_command.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "config/keys.hpp"
#include "config/python_import.hpp"
#include "config/service_config.hpp"
#include "config/warnings.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::Result;

struct Options {
  std::string file;
  std::string output;
};

int fail(const Error& error) {
  std::fprintf(stderr, "tango: %s\n", error.message().c_str());
  return kFailed;
}

// Problems are told one a line, and each names its file.
int failReading(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  return kFailed;
}

int check(const Options& options) {
  const Result<config::ServiceConfig> config = config::siteConfig(options.file);
  if (!config) {
    return failReading(config.error());
  }
  const std::string file = options.file.empty() ? config::kSiteConfig : options.file;
  const bool there = ::access(file.c_str(), F_OK) == 0;
  for (const std::string& warning : config::warningsOf(*config, there ? file : "")) {
    std::fprintf(stderr, "%s: warning: %s\n", file.c_str(), warning.c_str());
  }
  std::printf("%s: %s\n", file.c_str(), there ? "ok" : "it is not there: the defaults hold");
  return kOk;
}

int show(const Options& options) {
  const Result<config::ServiceConfig> config = config::siteConfig(options.file);
  if (!config) {
    return failReading(config.error());
  }
  std::fputs(config::showConfig(*config).c_str(), stdout);
  return kOk;
}

/// For its owner alone: it holds keys.
Result<void> writeNew(const std::string& path, const std::string& text) {
  const base::UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600));
  if (!file) {
    return base::systemError(errno, "make " + path);
  }
  return base::writeAll(file.get(), text, path);
}

int import(const Options& options) {
  constexpr std::size_t kFileBytesMax = 1024 * 1024;
  const Result<std::string> text = config::readSmallFile(options.file, kFileBytesMax);
  if (!text) {
    return fail(text.error());
  }
  const Result<config::PythonImport> made = config::importPython(*text, options.file);
  if (!made) {
    return fail(made.error());
  }
  const Result<void> written = options.output.empty()
                                   ? base::writeAll(STDOUT_FILENO, made->toml, "standard output")
                                   : writeNew(options.output, made->toml);
  if (!written) {
    return fail(written.error());
  }
  std::fprintf(stderr,
               "tango: %zu constants taken over, %zu have no equal, %zu cannot be read without "
               "Python; the file says which\n",
               made->taken, made->left, made->unreadable);
  return kOk;
}

/// When `verb` is given, `act(options)` is what is to be done.
void onVerb(CLI::App* verb, Command& command, const std::shared_ptr<Options>& options,
            int (*act)(const Options& options)) {
  verb->callback(
      [&command, options, act] { command.run = [options, act] { return act(*options); }; });
}

}  // namespace

void addConfigCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* config = app.add_subcommand("config", "The site's configuration file");
  config->require_subcommand(1);
  const std::string which = std::string("The file (default ") + config::kSiteConfig + ")";

  CLI::App* check_verb = config->add_subcommand("check", "Say what is wrong with it, or unwise");
  check_verb->add_option("FILE", options->file, which);
  onVerb(check_verb, command, options, check);

  CLI::App* show_verb =
      config->add_subcommand("show", "Print every setting that holds; keys are masked");
  show_verb->add_option("FILE", options->file, which);
  onVerb(show_verb, command, options, show);

  CLI::App* import_verb =
      config->add_subcommand("import", "Make one from a Python Tango's config.py, unrun");
  import_verb->add_option("CONFIG.PY", options->file, "The Python file")->required();
  import_verb
      ->add_option("-o,--output", options->output,
                   "Write it to the new file FILE, which only you can read; it holds the keys "
                   "(default: standard output)")
      ->type_name("FILE");
  onVerb(import_verb, command, options, import);
}

}  // namespace tango::app
