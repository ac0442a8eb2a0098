// TANGO_SIM_SEEDS: how many seeds are run (300). TANGO_SIM_SEED: only that one, to replay it.
#include "simulation/simulation.hpp"

#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "base/log.hpp"

namespace tango::test {
namespace {

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST_CASE("whatever fails, every accepted job ends once, and nothing is left") {
  base::setLogLevel(base::LogLevel::kError);
  if (std::filesystem::is_directory("/dev/shm")) {
    ::setenv("TMPDIR", "/dev/shm", 0);  // NOLINT(concurrency-mt-unsafe): one thread
  }
  const std::uint64_t first = number("TANGO_SIM_SEED", 1);
  const std::uint64_t seeds = number("TANGO_SIM_SEED", 0) != 0 ? 1 : number("TANGO_SIM_SEEDS", 300);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    INFO("replay with TANGO_SIM_SEED=", seed);
    Simulation(seed).run();
  }
}

}  // namespace
}  // namespace tango::test
