// `tango pools [--set IMAGE=N]`: the VMs that are kept ready.
#include <charconv>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "tango/client/answer_fields.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/pool_table.hpp"
#include "tango/client/verb.hpp"
#include "tango/number_range.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

struct Options {
  ServerOptions server;
  std::string set;
  std::string vmms;
  std::optional<double> cpus;
  std::optional<std::uint64_t> memory_bytes;
  bool json = false;
};

/// The body of PUT /v1/pools.
Result<object> poolRequest(const Options& options) {
  const std::size_t equals = options.set.rfind('=');
  std::int64_t vms = -1;
  if (equals != std::string::npos && equals > 0) {
    const char* begin = options.set.data() + equals + 1;
    const char* end = options.set.data() + options.set.size();
    const auto [stopped, failure] = std::from_chars(begin, end, vms);
    vms = failure == std::errc() && stopped == end ? vms : -1;
  }
  if (vms < 0) {
    return Error(ErrorKind::kInvalid,
                 "--set wants IMAGE=N, such as host=4: an image, and how many of its VMs are to "
                 "be kept ready");
  }
  object request = {{"image", options.set.substr(0, equals)}, {"vms", vms}};
  if (!options.vmms.empty()) {
    request["vmms"] = options.vmms;
  }
  object machine;
  if (options.cpus) {
    machine["cpus"] = *options.cpus;
  }
  if (options.memory_bytes) {
    machine["memory_bytes"] = *options.memory_bytes;
  }
  if (!machine.empty()) {
    request["machine"] = std::move(machine);
  }
  return request;
}

int listPools(ApiClient& api, const Options& options) {
  const Result<object> pools = api.get("/v1/pools");
  if (!pools) {
    return fail(pools.error());
  }
  if (options.json) {
    printJson(*pools);
  } else {
    printPools(arrayOf(*pools, "pools"));
  }
  return app::kOk;
}

int setPool(ApiClient& api, const Options& options, const object& request) {
  const Result<object> pool = api.put("/v1/pools", request);
  if (!pool) {
    return fail(pool.error());
  }
  if (options.json) {
    printJson(*pool);
  } else {
    printPools({*pool});
  }
  return app::kOk;
}

int pools(const Options& options, const Command& command) {
  std::optional<object> request;
  if (!options.set.empty()) {
    Result<object> wanted = poolRequest(options);
    if (!wanted) {
      fail(wanted.error());
      return app::kBadUsage;
    }
    request = *std::move(wanted);
  }
  return withServer(options.server, command.data_folder, [&](ApiClient& api) {
    return request ? setPool(api, options, *request) : listPools(api, options);
  });
}

}  // namespace

void addPoolsCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("pools", "The VMs that a server keeps ready");
  CLI::Option* set =
      verb->add_option("--set", options->set,
                       "Keep so many VMs of an image ready, also after a restart; 0: none")
          ->type_name("IMAGE=N");
  verb->add_option("--vmms", options->vmms, "Of this VMMS (default: the image's)")->needs(set);
  verb->add_option("--cpus", options->cpus, "With so many cores each (0: all)")
      ->check(app::numberIn(0.0, 4096.0))
      ->needs(set);
  verb->add_option("--memory", options->memory_bytes, "With so much memory each")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->needs(set);
  verb->add_flag("--json", options->json, "As JSON, for programs");
  addServerOptions(*verb, options->server);
  verb->callback([&command, options] {
    command.run = [&command, options] { return pools(*options, command); };
  });
}

}  // namespace tango::client
