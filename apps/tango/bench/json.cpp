#include "tango/bench/json.hpp"

#include <boost/json/value.hpp>

#include "base/utf8.hpp"

namespace tango::bench {
namespace {

using boost::json::object;
using boost::json::value;

constexpr double kMicrosPerSecond = 1e6;

value textOrNull(const std::string& text) {
  return text.empty() ? value(nullptr) : value(base::replaceInvalidUtf8(text));
}

value numberOrNull(const std::optional<double>& number, double factor = 1) {
  return number ? value(*number * factor) : value(nullptr);
}

value spread(const std::vector<double>& samples) {
  const std::optional<Spread> found = spreadOf(samples);
  if (!found) {
    return nullptr;
  }
  return object{
      {"median", found->median}, {"p95", found->p95}, {"p99", found->p99}, {"max", found->max}};
}

value medianAndP95(const std::vector<double>& samples) {
  const std::optional<Spread> found = spreadOf(samples);
  return found ? value(object{{"median", found->median}, {"p95", found->p95}}) : value(nullptr);
}

object phasesIn(const std::vector<PhaseTimes>& jobs) {
  object phases;
  for (std::size_t at = 0; at < kPhases.size(); ++at) {
    phases[kPhases.at(at).key] = medianAndP95(samplesOf(jobs, at));
  }
  return phases;
}

object latenciesIn(const Latencies& latencies) {
  object phases = phasesIn(latencies.phases);
  phases["rest_ms"] = medianAndP95(restOf(latencies));
  const double ours = percentile(latencies.tango, 0.5);
  const double bare = percentile(latencies.bare, 0.5);
  return {{"jobs", latencies.tango.size()},
          {"tango_ms", spread(latencies.tango)},
          {"bare_make_ms", spread(latencies.bare)},
          {"difference_ms", ours - bare},
          {"ratio", ours / bare},
          {"phases", std::move(phases)}};
}

object burstIn(const Burst& burst) {
  return {{"jobs", burst.jobs},
          {"connections", kBurstConnections},
          {"seconds", burst.seconds},
          {"jobs_per_second", burst.rate()},
          {"added_per_second", burst.addingRate()},
          {"bare_makes_per_second", burst.bareRate()},
          {"ratio", burst.rate() / burst.bareRate()},
          {"phases", phasesIn(phasesOf(burst.records))}};
}

object steadyIn(const Steady& steady) {
  object all = latenciesIn(steady.latencies);
  all["jobs_per_second"] = steady.rate;
  all["seconds"] = steady.seconds;
  return all;
}

object memoryIn(const Memory& memory) {
  return {{"processes", memory.processes},
          {"rss_bytes", memory.rss_bytes},
          {"pss_bytes", memory.pss_bytes ? value(*memory.pss_bytes) : value(nullptr)}};
}

object costIn(const Cost& cost) {
  return {
      {"memory_before", memoryIn(cost.before)},
      {"memory_after", memoryIn(cost.after)},
      {"service_us_per_job", object{{"latency", numberOrNull(cost.in_latency, kMicrosPerSecond)},
                                    {"burst", numberOrNull(cost.in_burst, kMicrosPerSecond)},
                                    {"steady", numberOrNull(cost.in_steady, kMicrosPerSecond)}}},
      {"below_us_per_job", numberOrNull(cost.below, kMicrosPerSecond)},
      {"bare_make_us", cost.bare_make * kMicrosPerSecond}};
}

object machineIn(const Machine& machine) {
  return {{"cores", machine.cores},
          {"processor", textOrNull(machine.processor)},
          {"memory_bytes", machine.memory_bytes},
          {"kernel", textOrNull(machine.kernel)},
          {"cgroup_version", machine.cgroup_version},
          {"file_system", textOrNull(machine.file_system)}};
}

}  // namespace

object jsonOf(const Report& report) {
  return {{"version", textOrNull(report.version)},
          {"server", textOrNull(report.server)},
          {"date", report.date},
          {"command_line", textOrNull(report.command_line)},
          {"image", textOrNull(report.image)},
          {"machine", machineIn(report.machine)},
          {"latency", report.latency ? value(latenciesIn(*report.latency)) : value(nullptr)},
          {"burst", report.burst ? value(burstIn(*report.burst)) : value(nullptr)},
          {"steady", report.steady ? value(steadyIn(*report.steady)) : value(nullptr)},
          {"cost", report.cost ? value(costIn(*report.cost)) : value(nullptr)}};
}

}  // namespace tango::bench
