#include "base/clock.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

namespace tango::base {
namespace {

TEST_CASE("dates are written as C's ctime writes them") {
  CHECK(ctimeUtc(1'795'455'063) == "Mon Nov 23 17:31:03 2026");
  CHECK(ctimeUtc(0) == "Thu Jan  1 00:00:00 1970");
}

TEST_CASE("the output file's dates follow the server's time zone") {
  ::setenv("TZ", "EST5", 1);
  ::tzset();
  CHECK(ctimeLocal(1'795'455'063) == "Mon Nov 23 12:31:03 2026");
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("a date for programs is ISO 8601 in UTC") {
  CHECK(isoUtc(0) == "1970-01-01T00:00:00Z");
  CHECK(isoUtc(1795455063) == "2026-11-23T17:31:03Z");
}

}  // namespace
}  // namespace tango::base
