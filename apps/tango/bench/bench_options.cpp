#include "tango/bench/bench_options.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

#include "tango/number_range.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;

constexpr double kRateMax = 1e6;
constexpr double kSecondsMax = 86'400;
constexpr std::size_t kPidMax = 1U << 22U;

}  // namespace

void addBenchOptions(CLI::App& verb, Options& options) {
  verb.add_option("--jobs", options.jobs, "Jobs one after another, for the latency")
      ->check(CLI::Range(std::size_t{0}, kJobsMax))
      ->capture_default_str()
      ->type_name("N");
  verb.add_option("--burst", options.burst, "Jobs all at once, for how many a second get done")
      ->check(CLI::Range(std::size_t{0}, kJobsMax))
      ->capture_default_str()
      ->type_name("N");
  verb.add_option("--rate", options.rate,
                  "Jobs a second, for the latency among others (default: half of the burst's rate)")
      ->check(app::numberIn(0.0, kRateMax))
      ->type_name("R");
  verb.add_option("--seconds", options.seconds, "and for how long")
      ->check(app::numberIn(0.0, kSecondsMax))
      ->capture_default_str()
      ->type_name("S");
  verb.add_option("--image", options.image, "What the jobs run in")->capture_default_str();
  verb.add_option("--makefile", options.makefile,
                  "The jobs' Makefile, which prints the same each time (default: hello)")
      ->type_name("FILE");
  verb.add_option("--file", options.files,
                  "More files for each job; NAME=FILE gives one another name")
      ->type_name("FILE");
  verb.add_option("--html", options.html, "Also write a page with tables and pictures there")
      ->type_name("FILE");
  verb.add_flag("--json", options.json, "Print one JSON object instead of tables");
  verb.add_option("--pid", options.pid,
                  "The process of the server that --server names: shows what it costs")
      ->check(CLI::Range(std::size_t{1}, kPidMax))
      ->type_name("PID");
  client::addServerOptions(verb, options.server);
  verb.get_option("--server")
      ->description(
          "The server's address (default: $TANGO_SERVER, else one is started for the purpose)");
}

bool namesServer(const Options& options) {
  const char* environment = std::getenv("TANGO_SERVER");  // NOLINT(concurrency-mt-unsafe)
  return !options.server.server.empty() || (environment != nullptr && *environment != '\0');
}

base::Result<void> checkOptions(const Options& options) {
  const client::ServerOptions& server = options.server;
  if (!namesServer(options)) {
    for (const auto& [given, name] : {std::pair{!server.key_file.empty(), "--key-file"},
                                      {!server.key.empty(), "--key"},
                                      {!server.ca_file.empty(), "--ca"},
                                      {options.pid.has_value(), "--pid"}}) {
      if (given) {
        return Error(ErrorKind::kInvalid, std::string(name) +
                                              " is for a server that --server or TANGO_SERVER "
                                              "names");
      }
    }
  }
  const bool steady = options.seconds > 0 && (options.rate ? *options.rate > 0 : options.burst > 0);
  if (options.jobs == 0 && options.burst == 0 && !steady) {
    return Error(ErrorKind::kInvalid, "--jobs, --burst and --rate are all 0: nothing is measured");
  }
  if (steady && options.rate.value_or(0) * options.seconds > static_cast<double>(kJobsMax)) {
    return Error(ErrorKind::kInvalid,
                 "--rate times --seconds is more than " + std::to_string(kJobsMax) + " jobs");
  }
  return {};
}

}  // namespace tango::bench
