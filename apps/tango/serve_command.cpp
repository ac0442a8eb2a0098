#include "tango/serve_command.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <malloc.h>

#include <CLI/CLI.hpp>

#include "config/service_config.hpp"
#include "images/data_folder.hpp"
#include "tango/number_range.hpp"
#include "tango/serve/serve.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::Result;

/// What the command line says over the configuration file.
struct Options {
  std::string config;
  std::vector<std::string> keys;
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::optional<std::string> vmms;
  std::optional<double> drain_seconds;
  std::optional<std::string> tls_cert;
  std::optional<std::string> tls_key;
};

int fail(const Error& error) {
  std::fprintf(stderr, "tango: %s\n", error.message().c_str());
  return kFailed;
}

template <class T, class U>
void overlay(T& into, const std::optional<U>& value) {
  if (value) {
    into = *value;
  }
}

Result<config::ServiceConfig> completeConfig(const Options& options, const Command& command) {
  Result<config::ServiceConfig> config = config::siteConfig(options.config);
  if (!config) {
    return config;
  }
  overlay(config->server.host, options.host);
  overlay(config->server.port, options.port);
  overlay(config->default_vmms, options.vmms);
  overlay(config->server.tls_cert, options.tls_cert);
  overlay(config->server.tls_key, options.tls_key);
  if (options.drain_seconds) {
    config->drain = base::Millis(static_cast<std::int64_t>(*options.drain_seconds * 1000));
  }
  if (!command.data_folder.empty()) {
    config->data_folder = command.data_folder;
  }
  if (config->data_folder.empty()) {
    const Result<std::string> folder = images::defaultDataFolder();
    if (!folder) {
      return folder.error();
    }
    config->data_folder = *folder;
  }
  config->data_folder = std::filesystem::absolute(config->data_folder);
  return config;
}

// An answer of some 100 KiB, as GET /jobs gives it, is made of memory that is there already, not of
// pages that the kernel makes anew for each (mallopt(3)).
void keepMemory() {
  constexpr int kBytes = 8 * 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kBytes);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kBytes);
}

int serve(const Options& options, const Command& command) {
  keepMemory();
  Result<config::ServiceConfig> config = completeConfig(options, command);
  if (!config) {
    std::fprintf(stderr, "tango: %s\n", config.error().message().c_str());
    return kBadUsage;
  }
  Serve service(*std::move(config), options.keys);
  const Result<void> ended = service.run();
  return ended ? kOk : fail(ended.error());
}

}  // namespace

void addServeCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* serve_verb = app.add_subcommand("serve", "Run the service that front ends talk to");
  serve_verb->fallthrough();
  constexpr double kDrainSecondsMax = 86'400;
  serve_verb->add_option("--port", options->port, "Listen there (default 3000; 0: any free port)");
  serve_verb->add_option("--host", options->host, "The address to listen on (default 127.0.0.1)");
  serve_verb
      ->add_option("--key", options->keys,
                   "The clients' key; better in the configuration, where `ps` does not show it. "
                   "Without any, one is made and kept in the data folder")
      ->type_name("KEY");
  serve_verb->add_option("--config", options->config, "The configuration file")->type_name("FILE");
  serve_verb
      ->add_option("--vmms", options->vmms, "Where jobs run that do not say (default sandbox)")
      ->type_name("NAME");
  serve_verb
      ->add_option("--drain", options->drain_seconds,
                   "How long running jobs may go on once it is to stop (default 10)")
      ->check(numberIn(0.0, kDrainSecondsMax))
      ->type_name("SECONDS");
  serve_verb->add_option("--tls-cert", options->tls_cert, "Serve HTTPS with this PEM certificate")
      ->type_name("FILE");
  serve_verb->add_option("--tls-key", options->tls_key, "and its key; SIGHUP reads both again")
      ->type_name("FILE");
  serve_verb->callback([&command, options] {
    command.run = [&command, options] { return serve(*options, command); };
  });
}

}  // namespace tango::app
