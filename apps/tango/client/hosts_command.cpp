// `tango hosts`, `tango hosts drain HOST`, `tango hosts undrain HOST`: the machines that a server's
// VMMSs make their VMs on.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/capacity_text.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/table.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

using boost::json::array;
using boost::json::object;

struct Options {
  ServerOptions server;
  std::string host;
  std::string vmms;
  bool json = false;
};

Cell stateOf(const object& host) {
  const std::string trouble = textOf(host, "trouble");
  const bool draining = flagOf(host, "draining");
  if (trouble.empty()) {
    return draining ? Cell("drained", Colour::kYellow) : Cell("ok", Colour::kGreen);
  }
  constexpr double kMillisPerSecond = 1000;
  const auto retry_ms = numberOf(host, "retry_in_ms");
  return {std::string(draining ? "drained, and set aside" : "set aside") +
              (retry_ms ? ", tried again in " + durationText(*retry_ms / kMillisPerSecond) : "") +
              ": " + trouble,
          Colour::kRed};
}

void printHosts(const array& hosts) {
  if (hosts.empty()) {
    std::puts("No VMMS of this server has hosts beside the server's own machine.");
    return;
  }
  Table table({{"HOST"},
               {"VMMS"},
               {"ADDRESS"},
               {"LABELS"},
               {"VERSION"},
               {"CORES"},
               {"MEMORY"},
               {"VMS"},
               {"STATE"}});
  for (const boost::json::value& each : hosts) {
    const object& host = objectIn(each);
    const std::string version = textOf(host, "version");
    table.add({textOf(host, "name"), textOf(host, "vmms"), textOf(host, "address"),
               textsOf(host, "labels"), version.empty() ? "-" : version,
               usedOf(host, "cpus", numberText), usedOf(host, "memory_bytes", sizeText),
               usedOf(host, "vms", numberText), stateOf(host)});
  }
  table.print(stdout);
}

int listHosts(ApiClient& api, const Options& options) {
  const Result<object> hosts = api.get("/v1/hosts");
  if (!hosts) {
    return fail(hosts.error());
  }
  if (options.json) {
    printJson(*hosts);
  } else {
    printHosts(arrayOf(*hosts, "hosts"));
  }
  return app::kOk;
}

int drain(const Options& options, ApiClient& api, bool draining) {
  object request{{"name", options.host}, {"draining", draining}};
  if (!options.vmms.empty()) {
    request["vmms"] = options.vmms;
  }
  const Result<object> host = api.put("/v1/hosts", request);
  if (!host) {
    return fail(host.error());
  }
  if (options.json) {
    printJson(*host);
  } else {
    printHosts({*host});
  }
  return app::kOk;
}

void addDrain(CLI::App& hosts, Command& command, const std::shared_ptr<Options>& options,
              bool draining) {
  CLI::App* verb = draining ? hosts.add_subcommand("drain",
                                                   "Make no new VM on a host; what runs "
                                                   "there ends in its own time")
                            : hosts.add_subcommand("undrain", "Make VMs on a host again");
  verb->add_option("HOST", options->host, "Its name")->required();
  verb->add_option("--vmms", options->vmms, "Of this VMMS, where several have a host of that name");
  onVerb(verb, command, options,
         [draining](const Options& given, ApiClient& api) { return drain(given, api, draining); });
}

}  // namespace

void addHostsCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("hosts", "The machines that a server makes its VMs on");
  verb->require_subcommand(0, 1);
  addDrain(*verb, command, options, true);
  addDrain(*verb, command, options, false);
  verb->add_flag("--json", options->json, "As JSON, for programs");
  addServerOptions(*verb, options->server);
  verb->callback([&command, options, verb] {
    if (verb->get_subcommands().empty()) {
      command.run = [&command, options] {
        return withServer(options->server, command.data_folder,
                          [&](ApiClient& api) { return listHosts(api, *options); });
      };
    }
  });
}

}  // namespace tango::client
