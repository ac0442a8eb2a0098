#include "tango/bench/cost.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace tango::bench;

TEST_CASE("a process's tree is all that descends from it, and nothing else") {
  const std::map<pid_t, pid_t> parents = {{1, 0}, {10, 1}, {11, 10}, {12, 11}, {20, 1}, {21, 20}};
  std::vector<pid_t> tree = treeOf(10, parents);
  std::sort(tree.begin(), tree.end());
  CHECK(tree == std::vector<pid_t>{10, 11, 12});
  CHECK(treeOf(99, parents) == std::vector<pid_t>{99});
}

TEST_CASE("parents that were read at different times may make a circle") {
  CHECK(treeOf(2, {{2, 3}, {3, 2}}).size() == 2);
}

TEST_CASE("this process has memory and has used the processor") {
  const auto memory = memoryOf(::getpid());
  REQUIRE(memory.ok());
  CHECK(memory->processes >= 1);
  CHECK(memory->rss_bytes > 0);
  CHECK(processorSecondsOf(::getpid()).ok());
}

TEST_CASE("a process that is not there is an error") {
  constexpr pid_t kNone = (1 << 22) + 1;  // above the kernel's largest
  CHECK(memoryOf(kNone).error().message() == "there is no process 4194305");
  CHECK_FALSE(processorSecondsOf(kNone).ok());
}
