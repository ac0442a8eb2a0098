#include "base/hex.hpp"

#include <array>

#include <doctest/doctest.h>

namespace tango::base {
namespace {

TEST_CASE("each byte is two digits in lower case") {
  const std::array<unsigned char, 4> bytes = {0x00, 0x0f, 0xa0, 0xff};
  CHECK(hexOf(bytes) == "000fa0ff");
  CHECK(hexOf({}).empty());
}

TEST_CASE("a digit's value is read in either case, and nothing else is a digit") {
  CHECK(hexDigit('7') == 7);
  CHECK(hexDigit('b') == 11);
  CHECK(hexDigit('F') == 15);
  for (const char none : {'g', 'G', '/', ':', '@', '`', '\0'}) {
    CHECK_FALSE(hexDigit(none));
  }
}

TEST_CASE("random digits are as many as were asked for, and others each time") {
  const Result<std::string> one = randomHex(16);
  const Result<std::string> other = randomHex(16);
  REQUIRE(one.ok());
  REQUIRE(other.ok());
  CHECK(one->size() == 32);
  CHECK(*one != *other);
  CHECK(randomHex(0)->empty());
}

}  // namespace
}  // namespace tango::base
