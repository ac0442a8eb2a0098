#include "base/utf8.hpp"

#include <doctest/doctest.h>

namespace tango::base {
namespace {

const std::string kReplacement = "\xEF\xBF\xBD";

TEST_CASE("well-formed text stays as it is") {
  for (const char* good : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                           "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    CHECK(replaceInvalidUtf8(good) == good);
  }
}

TEST_CASE("each byte that is no part of a sequence is replaced") {
  CHECK(replaceInvalidUtf8("a\xFFz") == "a" + kReplacement + "z");
  CHECK(replaceInvalidUtf8("\x80") == kReplacement);
  CHECK(replaceInvalidUtf8("\xC0\xAF") == kReplacement + kReplacement);  // overlong
  CHECK(replaceInvalidUtf8("\xED\xA0\x80") ==
        kReplacement + kReplacement + kReplacement);                                // surrogate
  CHECK(replaceInvalidUtf8("\xE2\x82") == kReplacement + kReplacement);             // cut off
  CHECK(replaceInvalidUtf8("\xF4\x90\x80\x80").size() == 4 * kReplacement.size());  // too high
}

}  // namespace
}  // namespace tango::base
