#include "tango/bench/bench_run.hpp"

#include <cstdio>
#include <ctime>
#include <utility>

#include "base/clock.hpp"
#include "tango/bench/job_files.hpp"
#include "tango/bench/latency.hpp"
#include "tango/bench/own_server.hpp"
#include "tango/bench/temporary_folder.hpp"
#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/api_client.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/upload.hpp"
#include "tango/service_key.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

void note(const std::string& what) {
  if (client::isTerminal(stderr)) {
    client::tell(what);
  }
}

/// What would ask for the same again.
std::string commandLine(const Options& options, const Report& report) {
  std::string line = "tango bench --jobs " + std::to_string(options.jobs) + " --burst " +
                     std::to_string(options.burst);
  line += options.rate ? " --rate " + client::numberText(*options.rate) : "";
  line += " --seconds " + client::numberText(options.seconds) + " --image " + options.image;
  line += options.makefile.empty() ? "" : " --makefile " + options.makefile;
  for (const std::string& file : options.files) {
    line += " --file " + file;
  }
  return line + (report.server.empty() ? "" : " --server " + report.server);
}

Result<client::ServerAccess> accessOf(const Options& options, const std::string& data_folder,
                                      const OwnServer* own) {
  if (own == nullptr) {
    return client::accessTo(options.server, data_folder);
  }
  client::ServerOptions server;
  server.server = own->url();
  server.key_file = own->dataFolder() / app::kKeyFile;
  return client::accessTo(server, "");
}

Result<void> measureParts(const Options& options, const Measure& measure, Report& report) {
  if (options.jobs > 0) {
    note("latency: " + std::to_string(options.jobs) + " jobs one after another");
    Result<Latencies> latency = measureLatency(measure, options.jobs);
    if (!latency) {
      return latency.error();
    }
    report.latency = *std::move(latency);
  }
  if (options.burst > 0) {
    note("burst: " + std::to_string(options.burst) + " jobs at once");
    Result<Burst> burst = measureBurst(measure, options.burst);
    if (!burst) {
      return burst.error();
    }
    report.burst = *std::move(burst);
  }
  constexpr double kShareOfBurst = 0.5;
  const double rate =
      options.rate.value_or(report.burst ? report.burst->rate() * kShareOfBurst : 0);
  if (rate > 0 && options.seconds > 0) {
    if (rate * options.seconds > static_cast<double>(kJobsMax)) {
      return Error(ErrorKind::kInvalid,
                   "--seconds: at half of the burst's rate that is more than " +
                       std::to_string(kJobsMax) + " jobs");
    }
    note("steady rate: " + client::numberText(rate) + " jobs a second");
    Result<Steady> steady = measureSteady(measure, rate, options.seconds);
    if (!steady) {
      return steady.error();
    }
    report.steady = *std::move(steady);
  }
  return {};
}

/// All jobs that the service ran, measured or not.
double jobsIn(const Report& report) {
  const std::size_t latency = report.latency ? report.latency->tango.size() + kUnmeasuredJobs : 0;
  const std::size_t burst = report.burst ? report.burst->jobs : 0;
  const std::size_t steady = report.steady ? report.steady->latencies.tango.size() : 0;
  return static_cast<double>(latency + burst + steady);
}

/// The cost as far as a live service shows it.
Result<Cost> costOf(pid_t pid, const Memory& before, const Report& report, const BareMake& bare) {
  const Result<Memory> after = memoryOf(pid);
  if (!after) {
    return after.error();
  }
  Cost cost;
  cost.before = before;
  cost.after = *after;
  cost.in_latency = report.latency ? report.latency->service_seconds : std::nullopt;
  cost.in_burst = report.burst ? report.burst->service_seconds : std::nullopt;
  cost.in_steady = report.steady ? report.steady->latencies.service_seconds : std::nullopt;
  cost.bare_make = bare.processorSeconds();
  return cost;
}

Result<void> measureWithCost(const Options& options, const Measure& measure, OwnServer* own,
                             Report& report) {
  const std::optional<pid_t> pid = measure.service;
  if (!pid) {
    return measureParts(options, measure, report);
  }
  const Result<Memory> before = memoryOf(*pid);
  if (!before) {
    return before.error();
  }
  if (Result<void> measured = measureParts(options, measure, report); !measured) {
    return measured;
  }
  Result<Cost> cost = costOf(*pid, *before, report, measure.bare);
  if (!cost) {
    return cost.error();
  }
  report.cost = *std::move(cost);
  if (own == nullptr) {
    return {};
  }
  const double itself = measure.serviceSeconds().value_or(0);
  const Result<double> all = own->stop();
  if (!all) {
    return all.error();
  }
  report.cost->below = (*all - itself) / jobsIn(report) - report.cost->bare_make;
  return {};
}

/// With the server there: its version, the files, the workload, the measurements.
Result<Report> runAgainst(const Options& options, client::ApiClient& api, OwnServer* own,
                          const model::InputFiles& files, std::string output, BareMake& bare,
                          client::SyncLoop& loop) {
  Report report;
  const Result<boost::json::object> info = api.get("/v1/info");
  if (!info) {
    return info.error();
  }
  report.version = client::textOf(*info, "version");
  report.server = own == nullptr ? api.url() : "";
  report.date = base::isoUtc(base::secondsOf(base::unixNow()));
  report.image = options.image;
  report.machine = thisMachine(own == nullptr ? std::filesystem::path() : own->dataFolder());
  report.command_line = commandLine(options, report);
  Result<boost::json::array> sent = client::uploadFiles(api, files);
  if (!sent) {
    return sent.error();
  }
  const Workload workload(options.image, *std::move(sent), std::move(output));
  const Measure measure{loop, api.protocol(), workload, bare,
                        own == nullptr ? options.pid : own->pid()};
  const Result<void> measured = measureWithCost(options, measure, own, report);
  return measured ? Result<Report>(std::move(report)) : measured.error();
}

}  // namespace

Result<Report> runBench(const Options& options, const std::string& data_folder,
                        const std::shared_ptr<client::SyncLoop>& loop) {
  const Result<TemporaryFolder> folder = TemporaryFolder::make();
  if (!folder) {
    return folder.error();
  }
  const Result<model::InputFiles> files =
      jobFiles(folder->path() / "job", options.makefile, options.files);
  if (!files) {
    return files.error();
  }
  BareMake bare(folder->path() / "bare", *files);
  Result<std::string> output = bare.learnOutput();
  if (!output) {
    return output.error();
  }
  std::optional<OwnServer> own;
  if (!namesServer(options)) {
    Result<OwnServer> started =
        OwnServer::start(folder->path(), [&loop] { return loop->interrupted(); });
    if (!started) {
      return started.error();
    }
    own.emplace(*std::move(started));
  }
  OwnServer* const server = own ? &*own : nullptr;
  Result<client::ServerAccess> access = accessOf(options, data_folder, server);
  if (!access) {
    return access.error();
  }
  client::ApiClient api(*std::move(access), loop);
  return runAgainst(options, api, server, *files, *std::move(output), bare, *loop);
}

}  // namespace tango::bench
