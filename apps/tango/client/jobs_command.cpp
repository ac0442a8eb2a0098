// `tango jobs`: the newest jobs.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/job_answer.hpp"
#include "tango/client/table.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t kPageMax = 500;
constexpr std::size_t kJobsMax = 1'000'000;

struct Options {
  ServerOptions server;
  std::string state;
  std::string courselab;
  std::size_t limit = 50;
  bool json = false;
};

std::string pageTarget(const Options& options, std::size_t wanted,
                       std::optional<std::int64_t> before) {
  std::string target = "/v1/jobs?limit=" + std::to_string(std::min(wanted, kPageMax));
  target += options.state.empty() ? "" : "&state=" + options.state;
  target += options.courselab.empty() ? "" : "&courselab=" + percentEncoded(options.courselab);
  target += before ? "&before=" + std::to_string(*before) : "";
  return target;
}

/// Page after page.
Result<array> fetchJobs(const Options& options, ApiClient& api) {
  array jobs;
  std::optional<std::int64_t> before;
  while (jobs.size() < options.limit) {
    const Result<object> page = api.get(pageTarget(options, options.limit - jobs.size(), before));
    if (!page) {
      return page.error();
    }
    const array& found = arrayOf(*page, "jobs");
    for (const boost::json::value& job : found) {
      if (jobs.size() < options.limit) {
        jobs.push_back(job);
      }
    }
    const auto next = wholeOf(*page, "next");
    if (found.empty() || !next || (before && *next >= *before)) {
      break;
    }
    before = next;
  }
  return jobs;
}

void printJobs(const array& jobs) {
  Table table({{"JOB", Align::kRight},
               {"NAME"},
               {"COURSELAB"},
               {"IMAGE"},
               {"STATE"},
               {"ADDED"},
               {"RAN", Align::kRight}});
  for (const boost::json::value& each : jobs) {
    const object& job = objectIn(each);
    const auto id = wholeOf(job, "id");
    table.add({id ? std::to_string(*id) : "?", textOf(job, "name"), textOf(job, "courselab"),
               textOf(job, "image"), stateCell(job),
               localTime(textOf(objectOf(job, "times"), "added")), runTime(job)});
  }
  table.print(stdout);
}

int list(const Options& options, ApiClient& api) {
  const Result<array> jobs = fetchJobs(options, api);
  if (!jobs) {
    return fail(jobs.error());
  }
  if (options.json) {
    printJson(*jobs);
  } else if (jobs->empty()) {
    std::puts("There are no such jobs.");
  } else {
    printJobs(*jobs);
  }
  return app::kOk;
}

}  // namespace

void addJobsCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("jobs", "List a server's jobs, newest first");
  verb->add_option("--state", options->state, "Only those in that state")
      ->check(CLI::IsMember({"queued", "running", "ended"}));
  verb->add_option("--courselab", options->courselab, "Only those of that courselab");
  verb->add_option("--limit", options->limit, "At most so many")
      ->check(CLI::Range(std::size_t{1}, kJobsMax))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "As JSON, for programs");
  addServerOptions(*verb, options->server);
  verb->callback([&command, options] {
    command.run = [&command, options] {
      return withServer(options->server, command.data_folder,
                        [&](ApiClient& api) { return list(*options, api); });
    };
  });
}

}  // namespace tango::client
