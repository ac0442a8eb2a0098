#include "model/limit_caps.hpp"

#include <doctest/doctest.h>

namespace tango::model {
namespace {

TEST_CASE("without caps every limit is allowed") {
  Job job;
  job.machine.memory_bytes = 0;
  job.machine.network = true;
  CHECK(checkCaps(job, {}).ok());
}

TEST_CASE("a limit over its cap is refused by name, with both numbers") {
  Job job;
  LimitCaps caps;
  caps.processes = 50;
  job.limits.processes = 51;
  const base::Result<void> checked = checkCaps(job, caps);
  REQUIRE(!checked.ok());
  CHECK(checked.error().kind() == base::ErrorKind::kInvalid);
  CHECK(checked.error().message() == "processes: 51 is asked for, and this site allows at most 50");
  job.limits.processes = 50;
  CHECK(checkCaps(job, caps).ok());
}

TEST_CASE("asking for no limit is over every cap") {
  Job job;
  LimitCaps caps;
  caps.memory_bytes = kGiB;
  job.machine.memory_bytes = 0;
  CHECK(!checkCaps(job, caps).ok());
  caps = {};
  caps.cpu_time = std::chrono::seconds(5);
  CHECK(!checkCaps(job, caps).ok());
}

TEST_CASE("a site can forbid the network") {
  Job job;
  job.machine.network = true;
  LimitCaps caps;
  caps.network = false;
  CHECK(!checkCaps(job, caps).ok());
}

}  // namespace
}  // namespace tango::model
