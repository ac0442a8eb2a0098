// What an ordinary job sees.
#include <doctest/doctest.h>

#include "support/sandbox_jobs.hpp"

namespace tango {
namespace {

using test::JobResult;
using test::SandboxJobs;

TEST_CASE("a job's output comes back under autodriver's line") {
  SandboxJobs jobs;
  const JobResult job = jobs.runScript("echo to stdout; echo to stderr >&2; exit 0");
  REQUIRE_MESSAGE(job.outcome.ok(), job.outcome.error().message());
  CHECK(job.output == "Autodriver: Job exited with status 0\nto stdout\nto stderr\n");
  CHECK(job.outcome->succeeded());
}

}  // namespace
}  // namespace tango
