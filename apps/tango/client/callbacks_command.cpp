// `tango callbacks list|resend JOB`: what front ends are still to be told.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/table.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

using boost::json::object;

struct Options {
  ServerOptions server;
  std::int64_t job = 0;
  bool json = false;
};

Cell dueOf(const object& callback) {
  if (flagOf(callback, "given_up")) {
    return {"given up", Colour::kRed};
  }
  return localTime(textOf(callback, "due"));
}

int list(const Options& options, ApiClient& api) {
  const Result<object> answer = api.get("/v1/callbacks");
  if (!answer) {
    return fail(answer.error());
  }
  const boost::json::array& callbacks = arrayOf(*answer, "callbacks");
  if (options.json) {
    printJson(*answer);
    return app::kOk;
  }
  if (callbacks.empty()) {
    std::puts("No callback is owed.");
    return app::kOk;
  }
  Table table({{"JOB", Align::kRight}, {"TRIES", Align::kRight}, {"DUE"}, {"URL"}, {"LAST ERROR"}});
  for (const boost::json::value& each : callbacks) {
    const object& callback = objectIn(each);
    const auto job = wholeOf(callback, "job_id");
    const auto attempts = wholeOf(callback, "attempts");
    table.add({job ? std::to_string(*job) : "?", attempts ? std::to_string(*attempts) : "?",
               dueOf(callback), textOf(callback, "url"), textOf(callback, "last_error")});
  }
  table.print(stdout);
  return app::kOk;
}

int resend(const Options& options, ApiClient& api) {
  const std::string id = std::to_string(options.job);
  const Result<object> answer = api.post("/v1/jobs/" + id + "/callback");
  if (!answer) {
    return failJob(answer.error(), options.job, api);
  }
  if (options.json) {
    printJson(*answer);
  } else {
    std::printf("The callback of job %s is due now.\n", id.c_str());
  }
  return app::kOk;
}

}  // namespace

void addCallbacksCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("callbacks", "What front ends are still to be told");
  verb->fallthrough();
  verb->require_subcommand(1);
  onVerb(verb->add_subcommand("list", "Those that are owed, or were given up"), command, options,
         list);
  CLI::App* again = verb->add_subcommand("resend", "Call back once more, now");
  again->add_option("JOB", options->job, "The job's number")
      ->required()
      ->check(CLI::PositiveNumber);
  onVerb(again, command, options, resend);
}

}  // namespace tango::client
