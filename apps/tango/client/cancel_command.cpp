// `tango cancel JOB`.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "tango/client/commands.hpp"
#include "tango/client/job_answer.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

struct Options {
  ServerOptions server;
  std::int64_t job = 0;
  bool json = false;
};

int cancel(const Options& options, ApiClient& api) {
  const std::string id = std::to_string(options.job);
  const Result<boost::json::object> job = api.post("/v1/jobs/" + id + "/cancel");
  if (!job) {
    return failJob(job.error(), options.job, api);
  }
  if (options.json) {
    printJson(*job);
  } else {
    std::printf("job %s: %s\n", id.c_str(), onOneLine(verdictLine(*job)).c_str());
  }
  return app::kOk;
}

}  // namespace

void addCancelCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("cancel", "End a job that waits or runs");
  verb->add_option("JOB", options->job, "The job's number")->required()->check(CLI::PositiveNumber);
  verb->add_flag("--json", options->json, "Print the job as JSON");
  addServerOptions(*verb, options->server);
  verb->callback([&command, options] {
    command.run = [&command, options] {
      return withServer(options->server, command.data_folder,
                        [&](ApiClient& api) { return cancel(*options, api); });
    };
  });
}

}  // namespace tango::client
