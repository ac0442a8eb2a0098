#include "tango/bench/samples.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"

namespace tango::bench {
namespace {

double atRank(const std::vector<double>& sorted, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  const auto at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(at, sorted.size() - 1)];
}

}  // namespace

double percentile(std::vector<double> samples, double share) {
  TANGO_ASSERT(!samples.empty(), "a percentile of no samples");
  std::sort(samples.begin(), samples.end());
  return atRank(samples, share);
}

std::optional<Spread> spreadOf(const std::vector<double>& samples) {
  if (samples.empty()) {
    return std::nullopt;
  }
  std::vector<double> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  return Spread{atRank(sorted, 0.5), atRank(sorted, 0.95), atRank(sorted, 0.99), sorted.back()};
}

Millis sumOf(const PhaseTimes& times) {
  Millis sum = 0;
  for (const std::optional<Millis>& time : times) {
    sum += time.value_or(0);
  }
  return sum;
}

std::vector<double> samplesOf(const std::vector<PhaseTimes>& jobs, std::size_t phase) {
  std::vector<double> samples;
  for (const PhaseTimes& times : jobs) {
    if (times.at(phase)) {
      samples.push_back(*times.at(phase));
    }
  }
  return samples;
}

}  // namespace tango::bench
