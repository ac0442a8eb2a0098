// The report's pictures, as SVG elements that take their colours from the page.
#pragma once

#include <string>

#include "tango/bench/burst.hpp"
#include "tango/bench/measure.hpp"

namespace tango::bench {

/// At most so many jobs are drawn as lines.
inline constexpr std::size_t kTimelineJobsMax = 200;

/// Which share of all jobs, and of all bare makes, took at most how long.
[[nodiscard]] std::string latencyChart(const Latencies& latencies);
/// Each job of the burst as a line, from when it was added until it had ended, in the colours of
/// its phases; a sample at equal distances, if there are more than kTimelineJobsMax.
[[nodiscard]] std::string burstChart(const Burst& burst);
/// The same jobs, each from when it left the queue: there the short phases can be seen.
[[nodiscard]] std::string unqueuedChart(const Burst& burst);

}  // namespace tango::bench
