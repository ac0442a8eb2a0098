#include "model/outcome.hpp"

#include <doctest/doctest.h>

namespace tango::model {
namespace {

using std::chrono_literals::operator""ms;

TEST_CASE("autodriver's line says how the job ended, in the words that clients know") {
  RunLimits limits;
  limits.wall_time = 10'000ms;
  limits.cpu_time = 1'500ms;

  RunOutcome outcome;
  outcome.exit_status = 2;
  CHECK(autodriverLine(outcome, limits) == "Autodriver: Job exited with status 2");
  CHECK(autodriverExitCode(outcome) == 0);

  outcome = {};
  outcome.signal = 11;
  CHECK(autodriverLine(outcome, limits) == "Autodriver: Job ended by signal 11");
  CHECK(autodriverExitCode(outcome) == 0);

  outcome = {};
  outcome.signal = 9;
  outcome.ended_by = Limit::kWallTime;
  CHECK(autodriverLine(outcome, limits) == "Autodriver: Job timed out after 10 seconds");
  CHECK(autodriverExitCode(outcome) == 2);

  outcome.ended_by = Limit::kCpuTime;
  CHECK(autodriverLine(outcome, limits) == "Autodriver: Job used more than 2 seconds of CPU time");
  CHECK(autodriverExitCode(outcome) == 2);
}

TEST_CASE("a job succeeded only if make did and no limit ended it") {
  RunOutcome outcome;
  outcome.exit_status = 0;
  CHECK(outcome.succeeded());
  outcome.ended_by = Limit::kMemory;
  CHECK(!outcome.succeeded());
  CHECK(!outcome.timedOut());
}

}  // namespace
}  // namespace tango::model
