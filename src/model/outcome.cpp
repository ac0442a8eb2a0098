#include "model/outcome.hpp"

namespace tango::model {
namespace {

// Whole seconds, rounded up: a limit of 1.5 s was not "1 seconds".
std::string seconds(std::chrono::milliseconds duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace

std::string autodriverLine(const RunOutcome& outcome, const RunLimits& limits) {
  if (outcome.ended_by == Limit::kWallTime) {
    return "Autodriver: Job timed out after " + seconds(limits.wall_time) + " seconds";
  }
  if (outcome.ended_by == Limit::kCpuTime) {
    return "Autodriver: Job used more than " + seconds(limits.cpu_time) + " seconds of CPU time";
  }
  if (outcome.signal) {
    return "Autodriver: Job ended by signal " + std::to_string(*outcome.signal);
  }
  return "Autodriver: Job exited with status " + std::to_string(outcome.exit_status.value_or(-1));
}

int autodriverExitCode(const RunOutcome& outcome) {
  return outcome.timedOut() ? 2 : 0;
}

}  // namespace tango::model
