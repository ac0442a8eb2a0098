// `tango status [JOB]`: a job, or the server itself.
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/capacity_text.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/job_answer.hpp"
#include "tango/client/pool_table.hpp"
#include "tango/client/table.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

using boost::json::array;
using boost::json::object;

struct Options {
  ServerOptions server;
  std::optional<std::int64_t> job;
  bool json = false;
};

int showJob(ApiClient& api, std::int64_t id, bool json) {
  const Result<object> job = api.job(id);
  if (!job) {
    return failJob(job.error(), id, api);
  }
  if (json) {
    printJson(*job);
  } else {
    printJob(*job);
  }
  return app::kOk;
}

Cell stateOf(const object& vmms) {
  const boost::json::value* const available = vmms.if_contains("available");
  if (available != nullptr && available->is_null()) {
    return {"no host takes VMs: `tango hosts`", Colour::kRed};
  }
  if (!flagOf(vmms, "paused")) {
    return {"ready", Colour::kGreen};
  }
  const auto retry_ms = numberOf(vmms, "retry_in_ms");
  std::string state = "paused";
  constexpr double kMillisPerSecond = 1000;
  state += retry_ms ? ", tried again in " + durationText(*retry_ms / kMillisPerSecond) : "";
  const std::string reason = textOf(vmms, "reason");
  return {state + (reason.empty() ? "" : ": " + reason), Colour::kRed};
}

void printVmms(const array& list) {
  Table table({{"VMMS"}, {"CORES"}, {"MEMORY"}, {"VMS"}, {"STATE"}});
  for (const boost::json::value& each : list) {
    const object& vmms = objectIn(each);
    table.add({textOf(vmms, "name") + (flagOf(vmms, "default") ? " (default)" : ""),
               usedOf(vmms, "cpus", numberText), usedOf(vmms, "memory_bytes", sizeText),
               usedOf(vmms, "vms", numberText), stateOf(vmms)});
  }
  table.print(stdout);
}

void printServer(const ApiClient& api, const object& info) {
  static constexpr const char* kTroubles[] = {"job_retries", "waitvm_timeouts", "copyin_errors",
                                              "runjob_errors", "copyout_errors"};
  const object& counters = objectOf(info, "counters");
  std::string troubles;
  for (const char* name : kTroubles) {
    const auto count = wholeOf(counters, name).value_or(0);
    if (count > 0) {
      troubles += (troubles.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(count);
    }
  }
  const auto count = [](const object& from, const char* name) {
    const auto number = wholeOf(from, name);
    return number ? std::to_string(*number) : "?";
  };
  const auto uptime = numberOf(info, "uptime_seconds");
  printFields(
      stdout,
      {{"Server", "Tango " + textOf(info, "version") + " at " + api.url()},
       {"Up",
        uptime ? durationText(*uptime) + ", since " + localTime(textOf(info, "started")) : ""},
       {"Jobs", count(info, "queued") + " queued, " + count(info, "running") + " running, " +
                    count(counters, "job_requests") + " since it started"},
       {"Troubles", Cell(troubles, Colour::kYellow)}});
}

int showServer(ApiClient& api, bool json) {
  const Result<object> info = api.get("/v1/info");
  if (!info) {
    return fail(info.error());
  }
  const Result<object> vmms = api.get("/v1/vmms");
  if (!vmms) {
    return fail(vmms.error());
  }
  const Result<object> pools = api.get("/v1/pools");
  if (!pools) {
    return fail(pools.error());
  }
  if (json) {
    printJson(object{
        {"info", *info}, {"vmms", arrayOf(*vmms, "vmms")}, {"pools", arrayOf(*pools, "pools")}});
    return app::kOk;
  }
  printServer(api, *info);
  std::puts("");
  printVmms(arrayOf(*vmms, "vmms"));
  std::puts("");
  printPools(arrayOf(*pools, "pools"));
  return app::kOk;
}

}  // namespace

void addStatusCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("status", "How a job is, or the server: queue, VMMSs, pools");
  verb->add_option("JOB", options->job, "The job's number; none: the server")
      ->check(CLI::PositiveNumber);
  verb->add_flag("--json", options->json, "As JSON, for programs");
  addServerOptions(*verb, options->server);
  verb->callback([&command, options] {
    command.run = [&command, options] {
      return withServer(options->server, command.data_folder, [&](ApiClient& api) {
        return options->job ? showJob(api, *options->job, options->json)
                            : showServer(api, options->json);
      });
    };
  });
}

}  // namespace tango::client
