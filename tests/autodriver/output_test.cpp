#include <array>
#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "autodriver/output_spool.hpp"
#include "autodriver/report.hpp"

namespace tango::autodriver {
namespace {

std::string textOf(const OutputSpool& spool) {
  const UniqueFd file(::memfd_create("text", MFD_CLOEXEC));
  REQUIRE(spool.writeTo(file.get()));
  std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), ' ');
  REQUIRE(::pread(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  return text;
}

TEST_CASE("a spool in a file shows the same as one in memory") {
  std::minstd_rand random(1);  // NOLINT(cert-msc51-cpp): a failure replays
  constexpr std::uint64_t kBytesMax = (std::uint64_t{16} << 20) + 2;
  for (const std::uint64_t total :
       {kBytesMax - 1, kBytesMax, kBytesMax + 1, kBytesMax * 5 / 4, kBytesMax * 3}) {
    Result<OutputSpool> spool = OutputSpool::open(kBytesMax);
    REQUIRE(spool.ok());
    base::HeadTail expected(kBytesMax);
    std::string piece;
    while (spool->total() < total) {
      piece.resize(std::min<std::uint64_t>(1 + random() % 9'000'000, total - spool->total()));
      for (std::size_t i = 0; i < piece.size(); i += 997) {
        piece[i] = static_cast<char>('a' + random() % 26);
      }
      spool->append(piece);
      expected.append(piece);
    }
    CAPTURE(total);
    CHECK(spool->elided() == expected.elided());
    CHECK(textOf(*spool) == expected.text());
  }
}

TEST_CASE("without a bound everything is kept") {
  Result<OutputSpool> spool = OutputSpool::open(0);
  REQUIRE(spool.ok());
  spool->append("a");
  spool->append("");
  spool->append("bc");
  CHECK(textOf(*spool) == "abc");
  CHECK(!spool->elided());
}

TEST_CASE("a report has every field, and null for what is not known") {
  model::RunOutcome outcome;
  outcome.exit_status = 2;
  outcome.usage.wall_time = std::chrono::microseconds(1'000'042);
  outcome.usage.output_bytes = 7;
  CHECK(reportJson(outcome, true) ==
        "{\"exit_status\":2,\"signal\":null,\"limit\":null,\"wall_seconds\":1.000042,"
        "\"user_seconds\":null,\"system_seconds\":null,\"memory_peak_bytes\":null,"
        "\"processes_peak\":null,\"output_bytes\":7,\"disk_bytes\":null,\"cleaned\":true}\n");
  outcome.ended_by = model::Limit::kCpuTime;
  outcome.usage.disk_bytes = 9;
  CHECK(reportJson(outcome, false).find("\"limit\":\"cpu_time\"") != std::string::npos);
  CHECK(reportJson(outcome, false).find("\"disk_bytes\":9,\"cleaned\":false}") !=
        std::string::npos);
}

}  // namespace
}  // namespace tango::autodriver
