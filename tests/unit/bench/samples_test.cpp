#include "tango/bench/samples.hpp"

#include <doctest/doctest.h>

using namespace tango::bench;

TEST_CASE("a percentile is the nearest rank, whatever the order") {
  std::vector<double> hundred;
  hundred.reserve(100);
  for (int at = 100; at >= 1; --at) {
    hundred.push_back(at);
  }
  CHECK(percentile(hundred, 0.5) == 50);
  CHECK(percentile(hundred, 0.95) == 95);
  CHECK(percentile(hundred, 0.99) == 99);
  CHECK(percentile(hundred, 1) == 100);
  CHECK(percentile(hundred, 0) == 1);
}

TEST_CASE("a percentile of few samples is one of them") {
  CHECK(percentile({7}, 0.5) == 7);
  CHECK(percentile({7}, 0.99) == 7);
  CHECK(percentile({3, 1, 2}, 0.5) == 2);
  CHECK(percentile({4, 1, 3, 2}, 0.5) == 2);
  CHECK(percentile({3, 1, 2}, 0.95) == 3);
}

TEST_CASE("a spread has the same percentiles, and the largest sample") {
  const auto spread = spreadOf({5, 1, 4, 2, 3});
  REQUIRE(spread.has_value());
  CHECK(spread->median == 3);
  CHECK(spread->p95 == 5);
  CHECK(spread->max == 5);
  CHECK_FALSE(spreadOf({}).has_value());
}

TEST_CASE("a phase that the service does not say counts for nothing") {
  PhaseTimes some;
  some[0] = 1.5;
  some[3] = 2.0;
  CHECK(sumOf(some) == 3.5);
  CHECK(sumOf(PhaseTimes{}) == 0);
  CHECK(samplesOf({some, PhaseTimes{}}, 0) == std::vector<double>{1.5});
  CHECK(samplesOf({some, PhaseTimes{}}, 1).empty());
}
