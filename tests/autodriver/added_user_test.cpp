#include "autodriver/added_user.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "drive/account.hpp"
#include "support/temp_folder.hpp"

using namespace tango;

namespace {

constexpr const char* kHome = "/home/autograde";

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("the added user is found in whatever there was") {
  for (const std::string& before :
       {std::string(), std::string("\n\n"), std::string("root:x:0:0::/root:/bin/sh"),
        std::string("root:x:0:0::/root:/bin/sh\r\nautogradex:x:65533\r\n"),
        std::string("::::::\n:\nx:x\n"), std::string("\0\xff\xfe:", 4)}) {
    const std::string passwd = autodriver::withUser(before, "autograde", 65533, kHome);
    const auto account = drive::findAccount(passwd, "autograde");
    REQUIRE(account.ok());
    CHECK(account->uid == 65533);
    CHECK(account->gid == 65533);
    CHECK(account->home == kHome);
    CHECK(passwd.ends_with(before));
  }
}

TEST_CASE("a group of that name that is there already comes second") {
  CHECK(autodriver::withGroup("autograde:x:77:someone\n", "autograde", 65533) ==
        "autograde:x:65533:\nautograde:x:77:someone\n");
}

TEST_CASE("both files are replaced, or made, and nothing else is left in the folder") {
  const test::TempFolder folder;
  std::ofstream(folder.path() / "passwd") << "root:x:0:0::/root:/bin/sh\n";
  REQUIRE(autodriver::addUser(folder.path().string(), "autograde", 65533, kHome).ok());
  CHECK(contentOf(folder.path() / "passwd") ==
        "autograde:x:65533:65533::/home/autograde:/bin/sh\nroot:x:0:0::/root:/bin/sh\n");
  CHECK(contentOf(folder.path() / "group") == "autograde:x:65533:\n");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("a folder that cannot be written to is an error that names the file") {
  const auto added = autodriver::addUser("/proc", "autograde", 65533, kHome);
  REQUIRE_FALSE(added.ok());
  CHECK(added.error().message().find("/proc/passwd") != std::string::npos);
}
