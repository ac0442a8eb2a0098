#include "tango/bench/machine.hpp"

#include <doctest/doctest.h>

using namespace tango::bench;

TEST_CASE("a path is on the file system of the deepest mount above it") {
  constexpr std::string_view kMounts =
      "/dev/sda1 / ext4 rw 0 0\n"
      "tmpfs /var tmpfs rw 0 0\n"
      "/dev/sdb1 /var/lib xfs rw 0 0\n"
      "/dev/sdc1 /variable btrfs rw 0 0\n";
  CHECK(fileSystemOf("/srv/data", kMounts) == "ext4");
  CHECK(fileSystemOf("/var/tmp/x", kMounts) == "tmpfs");
  CHECK(fileSystemOf("/var/lib/tango", kMounts) == "xfs");
  CHECK(fileSystemOf("/var/lib", kMounts) == "xfs");
  CHECK(fileSystemOf("/", kMounts) == "ext4");
  CHECK(fileSystemOf("/data", "").empty());
}

TEST_CASE("of two mounts on one folder the later one counts") {
  CHECK(fileSystemOf("/a/b", "none / rootfs rw 0 0\n/dev/sda1 / ext4 rw 0 0\n") == "ext4");
}
