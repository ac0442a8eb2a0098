#include "images/guest_root.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/safe_path.hpp"
#include "unit/images/test_folder.hpp"

namespace tango::images {
namespace {

namespace fs = std::filesystem;

class GuestRoot {
 public:
  GuestRoot() { fs::create_directories(root() / "etc"); }

  [[nodiscard]] Result<GuestUser> prepare() const {
    Result<UniqueFd> opened = base::openDirectory(root().c_str());
    REQUIRE(opened.ok());
    RootWriter writer(std::move(*opened), ImageLimits());
    return prepareGuestRoot(writer);
  }
  [[nodiscard]] std::vector<std::string> trouble() const {
    const Result<UniqueFd> opened = base::openDirectory(root().c_str());
    REQUIRE(opened.ok());
    return lookForTrouble(opened->get());
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }

 private:
  TestFolder folder_;
};

TEST_CASE("what the sandbox mounts on is there, as folders of its own") {
  const GuestRoot guest;
  fs::create_symlink("/etc", guest.root() / "home");
  fs::create_symlink("nowhere", guest.root() / "tmp");
  writeContent(guest.root() / "run", "a file");
  REQUIRE(guest.prepare().ok());
  for (const char* name : {"proc", "sys", "dev", "tmp", "var/tmp", "home", "run", "root"}) {
    CAPTURE(name);
    CHECK(fs::symlink_status(guest.root() / name).type() == fs::file_type::directory);
    CHECK(fs::status(guest.root() / name).permissions() == fs::perms(0755));
  }
}

TEST_CASE("the two users are added, with ids that nobody has") {
  const GuestRoot guest;
  writeContent(guest.root() / "etc/passwd", "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/:/bin/sh");
  writeContent(guest.root() / "etc/group", "root:x:0:\nmine:x:1001:\n");
  const Result<GuestUser> user = guest.prepare();
  REQUIRE(user.ok());
  CHECK(user->uid == 1002);
  CHECK(user->gid == 1002);
  CHECK(contentOf(guest.root() / "etc/passwd") ==
        "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/:/bin/sh\n"
        "autograde:x:1002:1002::/home/autograde:/bin/sh\n"
        "autolab:x:1003:1003::/home/autograde:/bin/sh\n");
  CHECK(contentOf(guest.root() / "etc/group") ==
        "root:x:0:\nmine:x:1001:\nautograde:x:1002:\nautolab:x:1003:\n");
}

TEST_CASE("users that the image has stay as they are") {
  const GuestRoot guest;
  const std::string passwd =
      "autolab:x:1500:50::/home/autolab:/bin/bash\nautograde:x:1501:51::/home/autograde:/bin/"
      "bash\n";
  writeContent(guest.root() / "etc/passwd", passwd);
  writeContent(guest.root() / "etc/group", "autolab:x:50:\n");
  const Result<GuestUser> user = guest.prepare();
  REQUIRE(user.ok());
  CHECK(user->uid == 1501);
  CHECK(user->gid == 51);
  CHECK(contentOf(guest.root() / "etc/passwd") == passwd);
  CHECK(contentOf(guest.root() / "etc/group") == "autolab:x:50:\nautograde:x:51:\n");
}

TEST_CASE("an autograde that is root, or no number, is refused") {
  for (const char* ids : {"0:0", "1000:0", "-1:1000", "4294967295:1", "x:1", ":"}) {
    CAPTURE(ids);
    const GuestRoot guest;
    writeContent(guest.root() / "etc/passwd", std::string("autograde:x:") + ids + "::/:/bin/sh\n");
    const Result<GuestUser> user = guest.prepare();
    REQUIRE(!user.ok());
    CHECK(user.error().kind() == base::ErrorKind::kInvalid);
  }
}

TEST_CASE(
    "files that the sandbox shows its own over are regular ones, and links are not followed") {
  const GuestRoot guest;
  const TestFolder outside;
  writeContent(outside / "precious", "precious");
  fs::create_symlink(outside / "precious", guest.root() / "etc/resolv.conf");
  fs::create_symlink(outside / "precious", guest.root() / "etc/passwd");
  writeContent(guest.root() / "etc/hosts", "of the image\n");
  REQUIRE(guest.prepare().ok());
  CHECK(contentOf(outside / "precious") == "precious");
  for (const char* name : {"etc/resolv.conf", "etc/passwd", "etc/hostname", "etc/hosts"}) {
    CAPTURE(name);
    CHECK(fs::symlink_status(guest.root() / name).type() == fs::file_type::regular);
  }
  CHECK(contentOf(guest.root() / "etc/hosts") == "of the image\n");
}

TEST_CASE("a missing make and a missing shell are told") {
  const GuestRoot guest;
  CHECK(guest.trouble().size() == 2);
  fs::create_directories(guest.root() / "usr/bin");
  fs::create_symlink("usr/bin", guest.root() / "bin");
  writeContent(guest.root() / "usr/bin/gmake", "");
  fs::create_symlink("/usr/bin/gmake", guest.root() / "bin/make");
  CHECK(guest.trouble().size() == 1);
  writeContent(guest.root() / "usr/bin/sh", "");
  CHECK(guest.trouble().empty());
}

}  // namespace
}  // namespace tango::images
