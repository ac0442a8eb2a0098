#include "vmms/tashi/instance_name.hpp"

#include <doctest/doctest.h>

using namespace tango;
using namespace tango::vmms::tashi;

TEST_CASE("a name for Tashi is one for DNS") {
  CHECK(hostNameOf({"prod", 7, "rhel"}) == "prod-7-rhel");
  CHECK(hostNameOf({"prod", 7, "ubuntu_22.04 lts"}) == "prod-7-ubuntu-22-04-lts");
}

TEST_CASE("a long name is cut, and still another than that of another VM") {
  const std::string first = hostNameOf({"prod", 7, std::string(100, 'a') + "1"});
  const std::string second = hostNameOf({"prod", 7, std::string(100, 'a') + "2"});
  CHECK(first.size() == kHostNameMax);
  CHECK(second.size() == kHostNameMax);
  CHECK(first != second);
  CHECK(first.starts_with("prod-7-aaa"));
}

TEST_CASE("hints tell whose and which a VM is, whatever its image is called") {
  for (const char* const image : {"rhel", "a b", "it's \"50%\"\n", "caf\xc3\xa9", ""}) {
    const model::VmName name{"p_x", -3, image};
    const Hints hints = hintsOf("owner", name);
    for (const auto& [key, value] : hints) {
      CHECK(value.find_first_of("'\"\\ \n") == std::string::npos);
    }
    CHECK(nameIn(hints, "owner") == name);
    CHECK_FALSE(nameIn(hints, "other"));
  }
}

TEST_CASE("hints of others, or half of ours, name no VM") {
  CHECK_FALSE(nameIn({}, "owner"));
  CHECK_FALSE(nameIn({}, ""));
  Hints hints = hintsOf("owner", {"p", 1, "a"});
  hints["tango_id"] = "1x";
  CHECK_FALSE(nameIn(hints, "owner"));
  hints["tango_id"] = "1";
  hints["tango_image"] = "a%4";
  CHECK_FALSE(nameIn(hints, "owner"));
}

TEST_CASE("an owner is a word") {
  CHECK(checkOwner("tango-1.example_x"));
  CHECK_FALSE(checkOwner(""));
  CHECK_FALSE(checkOwner("a b"));
  CHECK_FALSE(checkOwner("a'"));
  CHECK_FALSE(checkOwner(std::string(65, 'a')));
}
