// What the command line of `tango bench` asks for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "tango/client/server_access.hpp"

namespace CLI {
class App;
}

namespace tango::bench {

struct Options {
  client::ServerOptions server;
  std::optional<pid_t> pid;
  std::size_t jobs = 200;
  std::size_t burst = 1000;
  std::optional<double> rate;  ///< not set: half of the burst's
  double seconds = 10;
  std::string image = "host";
  std::string makefile;  ///< "": one that says hello
  std::vector<std::string> files;
  std::string html;
  bool json = false;
};

/// A part of more jobs than that is refused: they are all kept in memory.
inline constexpr std::size_t kJobsMax = 1'000'000;

/// Adds the options to `verb`; they are written to `options` as the line is parsed.
void addBenchOptions(CLI::App& verb, Options& options);

/// Whether the line or $TANGO_SERVER names a server; if not, the benchmark starts its own.
[[nodiscard]] bool namesServer(const Options& options);

/// What single options cannot say of themselves; the message names the options.
base::Result<void> checkOptions(const Options& options);

}  // namespace tango::bench
