// What many measurements come to.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace tango::bench {

using Millis = double;

/// The smallest sample that at least `share` (0 to 1) of all are not above: the nearest rank, so
/// always a value that was measured. `samples` is not empty, and in no order.
[[nodiscard]] double percentile(std::vector<double> samples, double share);

struct Spread {
  double median = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// Nothing if there are no samples.
[[nodiscard]] std::optional<Spread> spreadOf(const std::vector<double>& samples);

/// The parts of a job's way through the service, in the order in which it goes it; `key` is /v1's.
struct Phase {
  const char* key;
  const char* name;
};
inline constexpr std::array kPhases = {
    Phase{"queued_ms", "queued"},     Phase{"vm_ms", "vm"},
    Phase{"copy_in_ms", "copy in"},   Phase{"run_ms", "run"},
    Phase{"copy_out_ms", "copy out"}, Phase{"publish_ms", "publish"}};

/// How long each of kPhases took; nothing where the service does not say.
using PhaseTimes = std::array<std::optional<Millis>, kPhases.size()>;

[[nodiscard]] Millis sumOf(const PhaseTimes& times);
/// The samples of one phase, of the jobs that have it.
[[nodiscard]] std::vector<double> samplesOf(const std::vector<PhaseTimes>& jobs, std::size_t phase);

}  // namespace tango::bench
