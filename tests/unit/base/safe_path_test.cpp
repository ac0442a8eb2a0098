#include "base/safe_path.hpp"

#include <array>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>

#include "support/temp_folder.hpp"

namespace tango::base {
namespace {

using test::TempFolder;

TEST_CASE("only a single component is a name") {
  CHECK(checkComponent("Makefile", "file").ok());
  CHECK(checkComponent("...", "file").ok());
  CHECK(checkComponent("handin with spaces.c", "file").ok());
  CHECK(checkComponent(std::string(255, 'a'), "file").ok());
  using std::string_literals::operator""s;
  for (const std::string& bad : std::array{""s, "."s, ".."s, "/"s, "a/b"s, "../x"s, "/etc/passwd"s,
                                           "a\0b"s, "\0"s, std::string(256, 'a')}) {
    CAPTURE(bad);
    const Result<void> checked = checkComponent(bad, "input file");
    REQUIRE(!checked.ok());
    CHECK(checked.error().kind() == ErrorKind::kInvalid);
    CHECK(checked.error().message().starts_with("input file "));
  }
}

TEST_CASE("nothing opens a way out of the folder") {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "inner");
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "absolute");
  std::filesystem::create_symlink("../../etc/passwd", folder.path() / "dots");
  std::filesystem::create_symlink("inner", folder.path() / "harmless");
  const Result<UniqueFd> dir = openDirectory(folder.path().c_str());
  REQUIRE(dir.ok());
  CHECK(openBeneath(dir->get(), "inner", O_PATH).ok());
  CHECK(openBeneath(dir->get(), "harmless", O_PATH).ok());
  CHECK(!openNoLinks(dir->get(), "harmless", O_RDONLY).ok());
  for (const char* bad : {"absolute", "dots", "..", "/etc/passwd", "inner/../.."}) {
    CAPTURE(bad);
    CHECK(!openBeneath(dir->get(), bad, O_RDONLY).ok());
  }
}

TEST_CASE("a folder taken for the root keeps every path inside") {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() / "etc/inner");
  std::filesystem::create_symlink("/etc", folder.path() / "absolute");
  std::filesystem::create_symlink("../../../etc", folder.path() / "etc/dots");
  const Result<UniqueFd> dir = openDirectory(folder.path().c_str());
  REQUIRE(dir.ok());
  for (const char* path : {"absolute/inner", "etc/dots/inner", "../../etc/inner", "/etc/inner"}) {
    CAPTURE(path);
    CHECK(openInRoot(dir->get(), path, O_PATH | O_DIRECTORY).ok());
  }
  CHECK(openInRoot(dir->get(), "etc/passwd", O_RDONLY).error().kind() == ErrorKind::kNotFound);
}

TEST_CASE("an opened descriptor is not inherited by a program that is run") {
  const Result<UniqueFd> dir = openDirectory("/");
  REQUIRE(dir.ok());
  const Result<UniqueFd> etc = openBeneath(dir->get(), "etc", O_PATH);
  REQUIRE(etc.ok());
  CHECK((::fcntl(etc->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

}  // namespace
}  // namespace tango::base
