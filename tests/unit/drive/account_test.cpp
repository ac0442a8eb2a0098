#include "drive/account.hpp"

#include <doctest/doctest.h>

namespace tango::drive {
namespace {

constexpr const char* kPasswd =
    "root:x:0:0:root:/root:/bin/bash\n"
    "autograder:x:7:7::/home/autograder:/bin/sh\n"
    "autograde:x:1001:1002:A, B:/home/autograde:/bin/sh\n"
    "autograde:x:0:0::/root:/bin/sh\n";

TEST_CASE("a user is the first line of exactly that name") {
  const Result<Account> account = findAccount(kPasswd, "autograde");
  REQUIRE(account.ok());
  CHECK(account->uid == 1001);
  CHECK(account->gid == 1002);
  CHECK(account->home == "/home/autograde");
  CHECK(account->shell == "/bin/sh");
  CHECK(findAccount(kPasswd, "autolab").error().kind() == base::ErrorKind::kNotFound);
  CHECK(findAccount("", "autolab").error().kind() == base::ErrorKind::kNotFound);
}

TEST_CASE("a line that is no user who could run a job is refused") {
  for (const char* line :
       {"u:x:0:5::/home/u:/bin/sh", "u:x:5:0::/home/u:/bin/sh", "u:x:5:5::/:/x", "u:x:5:5::home:/x",
        "u:x:-1:5::/home/u:/x", "u:x:4294967295:5::/h:/x", "u:x:4294967296:5::/h:/x",
        "u:x:5x:5::/h:/x", "u:x::5::/h:/x", "u:x:5", "u"}) {
    CAPTURE(line);
    CHECK(findAccount(line, "u").error().kind() == base::ErrorKind::kUnsupported);
  }
}

TEST_CASE("the unused uid is the highest that is mapped and that nobody has") {
  CHECK(unusedUid("         0          0 4294967295\n", kPasswd) == 4294967294);
  CHECK(unusedUid("0 1000 1\n1 100000 65536\n", kPasswd) == 65536);
  CHECK(unusedUid("0 100000 1002\n", kPasswd) == 1000);
  CHECK(unusedUid("", kPasswd) == 4294967294);
}

}  // namespace
}  // namespace tango::drive
