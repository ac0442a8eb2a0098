#include "tango/bench/measure.hpp"

#include "tango/bench/cost.hpp"

namespace tango::bench {

std::optional<double> Measure::serviceSeconds() const {
  if (!service) {
    return std::nullopt;
  }
  const base::Result<double> seconds = processorSecondsOf(*service);
  return seconds ? std::optional(*seconds) : std::nullopt;
}

std::optional<double> Measure::serviceSecondsSince(std::optional<double> before,
                                                   std::size_t jobs) const {
  const std::optional<double> now = serviceSeconds();
  return before && now ? std::optional((*now - *before) / static_cast<double>(jobs)) : std::nullopt;
}

std::vector<Millis> restOf(const Latencies& latencies) {
  std::vector<Millis> rest;
  rest.reserve(latencies.phases.size());
  for (std::size_t at = 0; at < latencies.phases.size(); ++at) {
    rest.push_back(latencies.tango[at] - sumOf(latencies.phases[at]));
  }
  return rest;
}

}  // namespace tango::bench
