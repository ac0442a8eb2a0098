#include "aws/ini_file.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/fsuid.h>

#include "support/temp_folder.hpp"

using namespace tango::test;
using tango::aws::kIniBytesMax;
using tango::aws::readIniFile;
using tango::aws::valueOf;
using tango::base::ErrorKind;

namespace {

// Files are opened as a user without rights, also where root runs the test.
class Unprivileged {
 public:
  Unprivileged() : before_(::setfsuid(kNobody)) {}
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() { ::setfsuid(static_cast<unsigned>(before_)); }

 private:
  static constexpr unsigned kNobody = 65534;
  int before_;
};

void setMode(const std::filesystem::path& path, unsigned mode) {
  std::filesystem::permissions(path, std::filesystem::perms(mode));
}

}  // namespace

TEST_CASE("a file's sections are read, and whether others can read it") {
  const TempFolder folder;
  const std::string path = folder.write("f", "[a]\nk = v\n");
  for (const auto& [mode, open] : {std::pair(0600U, false), std::pair(0700U, false),
                                   std::pair(0640U, true), std::pair(0604U, true)}) {
    setMode(path, mode);
    const auto file = readIniFile(path);
    REQUIRE(file.ok());
    CHECK(file->path == path);
    CHECK(file->there);
    CHECK(file->others_read == open);
    CHECK(valueOf(file->section("a"), "k") == "v");
    CHECK(valueOf(file->section("a"), "l").empty());
    CHECK(valueOf(file->section("b"), "k").empty());
  }
}

TEST_CASE("a file of the largest size is read, and a byte more is too large") {
  const TempFolder folder;
  const std::string path = folder.write("f", std::string(kIniBytesMax, '\n'));
  CHECK(readIniFile(path).ok());
  static_cast<void>(folder.write("f", std::string(kIniBytesMax + 1, '\n')));
  const auto large = readIniFile(path);
  REQUIRE(!large.ok());
  CHECK(large.error().kind() == ErrorKind::kInvalid);
}

TEST_CASE("a file that is not there is no error") {
  const TempFolder folder;
  for (const std::string& path : {std::string("/dev/null"), (folder.path() / "none").string(),
                                  folder.write("f", "[a]\n").string() + "/beneath"}) {
    const auto file = readIniFile(path);
    REQUIRE_MESSAGE(file.ok(), file.error().message());
    CHECK(!file->there);
    CHECK(file->path == path);
    CHECK(file->section("a") == nullptr);
  }
}

TEST_CASE("a file behind a folder that we may not look into is not there") {
  const TempFolder folder;
  setMode(folder.path(), 0711);
  std::filesystem::create_directory(folder.path() / "closed");
  static_cast<void>(folder.write("closed/f", "[a]\n"));
  setMode(folder.path() / "closed", 0);
  const Unprivileged now;
  const auto file = readIniFile(folder.path() / "closed/f");
  REQUIRE_MESSAGE(file.ok(), file.error().message());
  CHECK(!file->there);
}

TEST_CASE("a file that is there and that we may not read is refused") {
  const TempFolder folder;
  setMode(folder.path(), 0711);
  const std::string path = folder.write("f", "[a]\n");
  setMode(path, 0);
  const Unprivileged now;
  const auto file = readIniFile(path);
  REQUIRE(!file.ok());
  CHECK(file.error().kind() == ErrorKind::kInvalid);
  CHECK(file.error().message() == path + " cannot be opened: Permission denied");
}
