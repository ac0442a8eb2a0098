#include "config/amounts.hpp"

#include <doctest/doctest.h>

namespace tango::config {
namespace {

TEST_CASE("a duration is a number with a unit, or of seconds") {
  CHECK(durationOf("10s") == base::Millis(10'000));
  CHECK(durationOf("5m") == base::Millis(300'000));
  CHECK(durationOf("2h") == base::Millis(7'200'000));
  CHECK(durationOf("30d") == base::Millis(2'592'000'000));
  CHECK(durationOf("500ms") == base::Millis(500));
  CHECK(durationOf("1.5 h") == base::Millis(5'400'000));
  CHECK(durationOf("7") == base::Millis(7'000));
  CHECK(durationOf("0") == base::Millis(0));
  CHECK(durationOf(0.25) == base::Millis(250));
}

TEST_CASE("what is no duration is none") {
  for (const char* text : {"", " ", "s", "10x", "10S", "-1s", "+1s", "1e3s", "1..5s", ".", "1 0s",
                           "1s ", "1h30m", "0x10", "inf", "nan", "99999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(durationOf(std::string_view(text)));
  }
  CHECK_FALSE(durationOf(-0.1));
  CHECK_FALSE(durationOf(1e300));
}

TEST_CASE("a size is a number with a unit of 1024s, or of bytes") {
  CHECK(sizeOf("512MiB") == 512ULL << 20);
  CHECK(sizeOf("1 GiB") == 1ULL << 30);
  CHECK(sizeOf("1.5K") == 1536);
  CHECK(sizeOf("2T") == 2ULL << 40);
  CHECK(sizeOf("17B") == 17);
  CHECK(sizeOf("17") == 17);
  for (const char* text : {"", "1GB", "1MB", "1k", "-1", "B", "1KiBB", "99999999999T", "1e3"}) {
    CAPTURE(text);
    CHECK_FALSE(sizeOf(text));
  }
}

TEST_CASE("amounts are written as they are read") {
  CHECK(durationText(base::Millis(0)) == "0");
  CHECK(durationText(base::Millis(90'000)) == "90s");
  CHECK(durationText(base::Millis(86'400'000)) == "1d");
  CHECK(durationText(base::Millis(1'001)) == "1001ms");
  CHECK(sizeText(0) == "0");
  CHECK(sizeText(1'024'000) == "1000KiB");
  CHECK(sizeText(1'023) == "1023B");
  for (const std::uint64_t bytes : {1ULL, 1536ULL, 3ULL << 30, (1ULL << 40) + 1}) {
    CHECK(sizeOf(sizeText(bytes)) == bytes);
  }
}

}  // namespace
}  // namespace tango::config
