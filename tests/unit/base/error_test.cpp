#include "base/error.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include "base/result.hpp"

namespace tango::base {
namespace {

TEST_CASE("an error names the call, its operand and each level above it") {
  const Error error = systemError(ENOENT, "open Makefile").during("copyIn tango-17");
  CHECK(error.kind() == ErrorKind::kNotFound);
  CHECK(error.message() == "copyIn tango-17: open Makefile: No such file or directory");
}

TEST_CASE("a full disk is too large, not a system failure") {
  CHECK(systemError(ENOSPC, "write").kind() == ErrorKind::kTooLarge);
}

TEST_CASE("a Result holds a value or an error") {
  const Result<int> good = 7;
  REQUIRE(good.ok());
  CHECK(*good == 7);
  const Result<int> bad = Error(ErrorKind::kTimeout, "late");
  REQUIRE(!bad.ok());
  CHECK(bad.error().kind() == ErrorKind::kTimeout);
  CHECK(Result<void>().ok());
}

}  // namespace
}  // namespace tango::base
