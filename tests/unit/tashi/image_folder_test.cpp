#include "vmms/tashi/image_folder.hpp"

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"

using namespace tango;
using namespace tango::vmms::tashi;
using base::ErrorKind;

TEST_CASE("images are the files NAME.img of the folder, without links and what is beneath") {
  const test::TempFolder folder;
  for (const char* const name : {"rhel.img", "b+1.x_2.img", "readme", ".img", ".a.img", "a,b.img",
                                 "rhel.img.suspend", "-x.img"}) {
    static_cast<void>(folder.write(name, ""));
  }
  std::filesystem::create_directory(folder.path() / "folder.img");
  static_cast<void>(folder.write("folder.img/inner.img", ""));
  std::filesystem::create_symlink("rhel.img", folder.path() / "link.img");
  CHECK(*imagesIn(folder.path()) == std::vector<std::string>{"b+1.x_2", "rhel"});
  CHECK(findImageIn(folder.path(), "rhel"));
  CHECK(findImageIn(folder.path(), "rhel.img"));
  for (const char* const name : {"other", "link", "folder", "inner", "folder.img/inner", "../rhel",
                                 "", ".", ".img", "a,b", "-x", "/etc/passwd", "rhel\n"}) {
    CAPTURE(name);
    const base::Result<void> found = findImageIn(folder.path(), name);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind() == ErrorKind::kNotFound);
  }
}

TEST_CASE("what file is missing is said") {
  const test::TempFolder folder;
  const base::Result<void> found = findImageIn(folder.path(), "rhel");
  REQUIRE_FALSE(found);
  CHECK(found.error().message() ==
        "there is no image rhel: " + (folder.path() / "rhel.img").string() + " is not there");
}

TEST_CASE("a folder that cannot be read is no folder without images") {
  CHECK(imagesIn("/nonexistent/images").error().kind() == ErrorKind::kSystem);
  CHECK(findImageIn("/nonexistent/images", "rhel").error().kind() == ErrorKind::kSystem);
}
