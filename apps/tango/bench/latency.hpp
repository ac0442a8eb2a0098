// How long one job takes, when there is no other.
#pragma once

#include <cstddef>

#include "base/result.hpp"
#include "tango/bench/measure.hpp"

namespace tango::bench {

/// Jobs before those that are measured: connections, files and slots are then warm.
inline constexpr std::size_t kUnmeasuredJobs = 10;

/// `jobs` jobs one after another, each from its request until its output is read, and a bare make
/// after each. kUnmeasuredJobs more come before them.
base::Result<Latencies> measureLatency(const Measure& measure, std::size_t jobs);

}  // namespace tango::bench
