#include "store/trace_text.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace tango::store {
namespace {

TEST_CASE("lines come back from a text as they were, whatever is in them") {
  const std::vector<std::vector<std::string>> traces = {
      {},
      {""},
      {"", ""},
      {"one", "two"},
      {"a\nb", "\n", "\\", "\\n", "\\\\n\n", "ends in \\"},
      {std::string("nul\0inside", 10), "\xff\xfe"},
  };
  for (const std::vector<std::string>& lines : traces) {
    CHECK(traceLines(traceText(lines)) == lines);
  }
}

TEST_CASE("a text may be appended to another") {
  CHECK(traceLines(traceText({"a", "b\\"}) + traceText({}) + traceText({"c"})) ==
        std::vector<std::string>{"a", "b\\", "c"});
}

TEST_CASE("a text is readable") {
  CHECK(traceText({"DATE|one", "DATE|two"}) == "DATE|one\nDATE|two\n");
}

TEST_CASE("a damaged text gives what can be read of it") {
  CHECK(traceLines("").empty());
  CHECK(traceLines("no end").empty());
  CHECK(traceLines("a\nb\\") == std::vector<std::string>{"a"});
}

TEST_CASE("placeholders are filled in, and what comes in for one is left alone") {
  CHECK(filledIn("", {.id = "7"}).empty());
  CHECK(filledIn("job %ID%", {.id = "7"}) == "job 7");
  CHECK(filledIn("%ID%%ID%", {.id = "%ID%"}) == "%ID%%ID%");
  CHECK(filledIn("%NAME%:%ID%", {.id = "7"}) == "%NAME%:7");
  CHECK(filledIn("%NAME%:%ID%", {.id = "7", .name = "%ID%"}) == "%ID%:7");
  CHECK(filledIn("%ID %NAME% %", {.id = "7", .name = ""}) == "%ID  %");
}

}  // namespace
}  // namespace tango::store
