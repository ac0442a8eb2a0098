// `tango output JOB`: what a job has written, all of it or so far.
#include <cerrno>
#include <cstdio>
#include <memory>

#include <fcntl.h>

#include <CLI/CLI.hpp>

#include "base/unique_fd.hpp"
#include "base/utf8.hpp"
#include "base/write_all.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

struct Options {
  ServerOptions server;
  std::int64_t job = 0;
  std::string file;
  bool json = false;
};

// In place: it may be a device or a pipe.
Result<void> writeTo(const std::string& path, std::string_view bytes) {
  constexpr unsigned kMode = 0666;  // as the umask lets it
  const base::UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, kMode));
  if (!file) {
    return base::systemError(errno, "open " + path);
  }
  return base::writeAll(file.get(), bytes, path);
}

int show(const Options& options, ApiClient& api) {
  const Result<OutputPiece> output = api.output(options.job, 0);
  if (!output) {
    // The server's own words: there is no such job, or it has no output.
    return fail(output.error());
  }
  if (!options.file.empty()) {
    const Result<void> written = writeTo(options.file, output->bytes);
    if (!written) {
      return fail(written.error());
    }
  } else if (options.json) {
    printJson(boost::json::object{{"id", options.job},
                                  {"final", output->final},
                                  {"output", base::replaceInvalidUtf8(output->bytes)}});
  } else {
    BytesPrinter printer(stdout);
    printer.print(output->bytes);
    printer.finish();
  }
  if (!output->final) {
    tell("job " + std::to_string(options.job) + " has not ended: this is its output so far");
  }
  return app::kOk;
}

}  // namespace

void addOutputCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("output", "A job's output: all of it, or what there is yet");
  verb->add_option("JOB", options->job, "The job's number")->required()->check(CLI::PositiveNumber);
  CLI::Option* file =
      verb->add_option("-o,--output", options->file, "Write it to FILE, byte for byte")
          ->type_name("FILE");
  verb->add_flag("--json", options->json, "As JSON, for programs")->excludes(file);
  addServerOptions(*verb, options->server);
  verb->callback([&command, options] {
    command.run = [&command, options] {
      return withServer(options->server, command.data_folder,
                        [&](ApiClient& api) { return show(*options, api); });
    };
  });
}

}  // namespace tango::client
