#include "vmms/docker/free_id.hpp"

#include <string>

#include <doctest/doctest.h>

using tango::vmms::docker::freeId;

TEST_CASE("the number is one that no user and no group has") {
  CHECK(freeId("root:x:0:0::/root:/bin/sh\n", "") == 65533);
  CHECK(freeId("a:x:65533:100::/:/bin/sh\n", "") == 65532);
  CHECK(freeId("a:x:1:65533::/:/bin/sh\n", "") == 65532);
  CHECK(freeId("", "a:x:65533:\nb:x:65532:me\n") == 65531);
}

TEST_CASE("there is a number whatever the files are like") {
  CHECK(freeId("", "") == 65533);
  CHECK(freeId("\n\n\n", "root:x:0:0") == 65533);
  CHECK(freeId("::::::\n:\nx:x\n+::::::\n-:x:99999999999999999999:1::\n", "") == 65533);
  CHECK(freeId(std::string("\0\0\xff\xfe:\0:65533:", 14), "\xff\xff") <= 65533);
  CHECK(freeId(std::string(1 << 20, ':'), std::string(1 << 20, '\n')) == 65533);
}

TEST_CASE("where all numbers are taken from above, the next one below is") {
  std::string passwd;
  for (int number = 65500; number <= 65533; ++number) {
    passwd += "u" + std::to_string(number) + ":x:" + std::to_string(number) + ":1::/:/bin/sh\n";
  }
  CHECK(freeId(passwd, "") == 65499);
}
