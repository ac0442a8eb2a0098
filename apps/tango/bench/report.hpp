// All that one run of the benchmark found out.
#pragma once

#include <optional>
#include <string>

#include "tango/bench/burst.hpp"
#include "tango/bench/cost.hpp"
#include "tango/bench/machine.hpp"
#include "tango/bench/measure.hpp"
#include "tango/bench/steady.hpp"

namespace tango::bench {

struct Cost {
  Memory before;  ///< before the first job
  Memory after;   ///< behind the last one
  /// Of the service's own process, seconds a job; nothing for a part that was left out.
  std::optional<double> in_latency;
  std::optional<double> in_burst;
  std::optional<double> in_steady;
  /// Of all that descends from it, seconds a job, without what a bare make takes. Only for a server
  /// of our own: the kernel tells it once that has ended.
  std::optional<double> below;
  double bare_make = 0;  ///< seconds
};

struct Report {
  std::string version;       ///< the server's
  std::string server;        ///< its address; "" if it is our own
  std::string date;          ///< 2026-11-23T17:31:03Z
  std::string command_line;  ///< as it was typed, without keys
  std::string image;
  Machine machine;
  std::optional<Latencies> latency;
  std::optional<Burst> burst;
  std::optional<Steady> steady;
  std::optional<Cost> cost;
};

}  // namespace tango::bench
