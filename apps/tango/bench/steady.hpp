// How long a job takes while others come at a steady rate.
#pragma once

#include "base/result.hpp"
#include "tango/bench/measure.hpp"

namespace tango::bench {

struct Steady {
  double rate = 0;  ///< jobs a second
  double seconds = 0;
  Latencies latencies;
};

/// How many jobs come in that time.
[[nodiscard]] std::size_t steadyJobs(double rate, double seconds);

/// `rate` jobs a second for so many seconds, each sent when its time has come, whether or not
/// others have ended; latencies count from that time on, so what had to wait for a late one is not
/// left out. Then as many bare makes, at the same rate.
base::Result<Steady> measureSteady(const Measure& measure, double rate, double seconds);

}  // namespace tango::bench
