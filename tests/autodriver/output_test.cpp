#include <array>
#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "autodriver/output_spool.hpp"

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

}  // namespace
}  // namespace tango::autodriver
