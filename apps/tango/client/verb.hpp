// What the verbs that talk to a server have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>

#include "base/error.hpp"
#include "tango/client/api_client.hpp"
#include "tango/client/server_access.hpp"
#include "tango/command.hpp"

namespace tango::client {

using app::Command;

/// The error on stderr. Its status: kFailed.
int fail(const base::Error& error);
/// The same, about a job: one that is not there is called by its number.
int failJob(const base::Error& error, std::int64_t id, const ApiClient& api);

/// Calls `act` with the server that the options name; `data_folder` is the command line's.
/// Returns its exit status, or kFailed if standard output could not take all that was printed.
/// kBadUsage: the options name none.
int withServer(const ServerOptions& options, const std::string& data_folder,
               const std::function<int(ApiClient&)>& act);

/// Makes `verb` call `act(*options, api)`; Options has `json` and `server`, for which it gets the
/// flags.
template <class Options, class Act>
void onVerb(CLI::App* verb, Command& command, const std::shared_ptr<Options>& options, Act act) {
  verb->add_flag("--json", options->json, "As JSON, for programs");
  addServerOptions(*verb, options->server);
  verb->callback([&command, options, act] {
    command.run = [&command, options, act] {
      return withServer(options->server, command.data_folder,
                        [&](ApiClient& api) { return act(*options, api); });
    };
  });
}

/// One line on stdout.
void printJson(const boost::json::value& value);

}  // namespace tango::client
