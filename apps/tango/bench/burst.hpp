// How many jobs a second get done, when all are there at once.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "tango/bench/measure.hpp"
#include "tango/bench/records.hpp"

namespace tango::bench {

inline constexpr std::size_t kBurstConnections = 8;

struct Burst {
  std::size_t jobs = 0;
  double adding_seconds = 0;  ///< until the last one was accepted
  double seconds = 0;         ///< until the last one had ended; both from the first request on
  double bare_seconds = 0;    ///< for as many bare makes, on all cores
  std::vector<JobRecord> records;
  std::optional<double> service_seconds;  ///< processor time of the service's process, each

  [[nodiscard]] double rate() const { return static_cast<double>(jobs) / seconds; }
  [[nodiscard]] double addingRate() const { return static_cast<double>(jobs) / adding_seconds; }
  [[nodiscard]] double bareRate() const { return static_cast<double>(jobs) / bare_seconds; }
};

/// `jobs` jobs as fast as they are taken over kBurstConnections connections. As many bare makes on
/// all cores: half of them before, half behind.
base::Result<Burst> measureBurst(const Measure& measure, std::size_t jobs);

}  // namespace tango::bench
