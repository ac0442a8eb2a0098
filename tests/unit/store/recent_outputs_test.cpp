#include "store/recent_outputs.hpp"

#include <doctest/doctest.h>

namespace tango::store {
namespace {

TEST_CASE("the outputs of the last jobs are kept, the oldest of too many go") {
  RecentOutputs outputs;
  const std::string large(RecentOutputs::kBytesMax / 3, 'x');
  outputs.add(1, "first");
  outputs.add(2, large);
  outputs.add(3, large + "!");
  REQUIRE(outputs.find(1) != nullptr);
  CHECK(*outputs.find(1) == "first");
  outputs.add(4, large);
  CHECK(outputs.find(1) == nullptr);
  CHECK(outputs.find(2) == nullptr);
  REQUIRE(outputs.find(3) != nullptr);
  CHECK(*outputs.find(3) == large + "!");
  CHECK(outputs.find(5) == nullptr);
}

TEST_CASE("one that is larger than all may be is not kept, and what is cleared is gone") {
  RecentOutputs outputs;
  outputs.add(1, std::string(RecentOutputs::kBytesMax, 'x'));
  CHECK(outputs.find(1) == nullptr);
  outputs.add(2, "");
  CHECK(outputs.find(2) != nullptr);
  outputs.clear();
  CHECK(outputs.find(2) == nullptr);
  outputs.add(3, "after");
  CHECK(outputs.find(3) != nullptr);
}

}  // namespace
}  // namespace tango::store
