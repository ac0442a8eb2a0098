#include "drive/report.hpp"

#include <string>

#include <doctest/doctest.h>

#include "drive/report_reader.hpp"

namespace tango::drive {
namespace {

using model::Limit;
using model::RunOutcome;
using std::chrono::microseconds;

TEST_CASE("a report has every field, and null for what is not known") {
  RunOutcome outcome;
  outcome.exit_status = 2;
  outcome.usage.wall_time = microseconds(1'000'042);
  outcome.usage.output_bytes = 7;
  CHECK(reportJson(outcome, true) ==
        "{\"exit_status\":2,\"signal\":null,\"limit\":null,\"wall_seconds\":1.000042,"
        "\"user_seconds\":null,\"system_seconds\":null,\"memory_peak_bytes\":null,"
        "\"processes_peak\":null,\"output_bytes\":7,\"disk_bytes\":null,\"disk_inodes\":null,"
        "\"output_elided\":false,\"oom_kills\":0,\"cleaned\":true}\n");
  outcome.ended_by = Limit::kCpuTime;
  outcome.usage.disk_bytes = 9;
  CHECK(reportJson(outcome, false).find("\"limit\":\"cpu_time\"") != std::string::npos);
  CHECK(reportJson(outcome, false).find("\"disk_bytes\":9,") != std::string::npos);
  CHECK(reportJson(outcome, false).ends_with("\"cleaned\":false}\n"));
}

void checkSame(const RunOutcome& read, const RunOutcome& told) {
  CHECK(read.exit_status == told.exit_status);
  CHECK(read.signal == told.signal);
  CHECK(read.ended_by == told.ended_by);
  CHECK(read.output_elided == told.output_elided);
  CHECK(read.oom_kills == told.oom_kills);
  CHECK(read.usage.wall_time == told.usage.wall_time);
  CHECK(read.usage.user_time == told.usage.user_time);
  CHECK(read.usage.system_time == told.usage.system_time);
  CHECK(read.usage.memory_peak_bytes == told.usage.memory_peak_bytes);
  CHECK(read.usage.processes_peak == told.usage.processes_peak);
  CHECK(read.usage.disk_bytes == told.usage.disk_bytes);
  CHECK(read.usage.disk_inodes == told.usage.disk_inodes);
  CHECK(read.usage.output_bytes == told.usage.output_bytes);
}

TEST_CASE("what is read from a report is the outcome that was told") {
  RunOutcome outcome;
  outcome.exit_status = 2;
  const auto check_round_trip = [&] {
    const base::Result<RunOutcome> read = parseReport(reportJson(outcome, true));
    REQUIRE(read.ok());
    checkSame(*read, outcome);
  };
  check_round_trip();
  outcome.exit_status.reset();
  outcome.signal = 11;
  outcome.oom_kills = 3;
  outcome.usage = {microseconds(999'999'999'999'999),
                   microseconds(1),
                   microseconds(123'456'789),
                   std::uint64_t{1} << 62,
                   100,
                   5'000'000,
                   77,
                   9'000'000'000};
  for (const Limit limit :
       {Limit::kWallTime, Limit::kCpuTime, Limit::kMemory, Limit::kProcesses, Limit::kDisk}) {
    outcome.ended_by = limit;
    check_round_trip();
  }
  outcome.output_elided = true;
  check_round_trip();
  outcome.ended_by.reset();
  check_round_trip();
}

TEST_CASE("what is no report is an error that names the field") {
  const std::string good = reportJson(RunOutcome{}, true);
  REQUIRE(parseReport(good).ok());
  const auto check_refused = [&](const std::string& from, const std::string& to,
                                 const std::string& field) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    REQUIRE(at != std::string::npos);
    bad.replace(at, from.size(), to);
    CAPTURE(bad);
    const base::Result<RunOutcome> read = parseReport(bad);
    REQUIRE(!read.ok());
    CHECK(read.error().kind() == base::ErrorKind::kSystem);
    CHECK(read.error().message() == "autodriver's report: " + field + " is wrong");
  };
  check_refused("\"exit_status\":null", "\"exit_status\":256", "exit_status");
  check_refused("\"exit_status\":null", "\"exit_status\":-1", "exit_status");
  check_refused("\"exit_status\":null", "\"exit_status\":1.0", "exit_status");
  check_refused("\"exit_status\":null", "\"exit_status\":\"0\"", "exit_status");
  check_refused("\"signal\":null", "\"signal\":65", "signal");
  check_refused("\"limit\":null", "\"limit\":\"luck\"", "limit");
  check_refused("\"limit\":null", "\"limit\":7", "limit");
  check_refused("\"wall_seconds\":0.000000", "\"wall_seconds\":null", "wall_seconds");
  check_refused("\"wall_seconds\":0.000000", "\"wall_seconds\":-1", "wall_seconds");
  check_refused("\"wall_seconds\":0.000000", "\"wall_seconds\":1e300", "wall_seconds");
  check_refused("\"user_seconds\":null", "\"user_seconds\":[]", "user_seconds");
  check_refused("\"output_bytes\":0", "\"output_bytes\":null", "output_bytes");
  check_refused("\"output_bytes\":0", "\"output_bytes\":9223372036854775808", "output_bytes");
  check_refused("\"oom_kills\"", "\"oom_kill\"", "oom_kills");
  check_refused("\"output_elided\":false", "\"output_elided\":0", "output_elided");
}

TEST_CASE("what is no JSON object is no report, however deep or empty it is") {
  for (const std::string& bad : {std::string(), std::string("null"), std::string("[]"),
                                 std::string("{"), std::string(60'000, '['), std::string("{}x"),
                                 std::string("\xff\xfe"), std::string(9, '\0')}) {
    CHECK(parseReport(bad).error().message() == "autodriver's report is no JSON object");
  }
  CHECK(!parseReport("{}").ok());
}

}  // namespace
}  // namespace tango::drive
