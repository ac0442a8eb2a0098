#include "base/folder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"
#include "support/temp_folder.hpp"

namespace tango::base {
namespace {

namespace fs = std::filesystem;

/// A test's folder, held open.
class Scratch : public test::TempFolder {
 public:
  Scratch() {
    Result<UniqueFd> opened = openDirectory(path().c_str());
    REQUIRE(opened.ok());
    fd_ = std::move(*opened);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

void touch(const fs::path& path) {
  const std::ofstream file(path);
  REQUIRE(file.good());
}

TEST_CASE("a folder is listed as often as one asks") {
  const Scratch scratch;
  touch(scratch.path() / "file");
  fs::create_directory(scratch.path() / "folder");
  for (int i = 0; i < 2; ++i) {
    Result<std::vector<std::string>> names = namesIn(scratch.fd());
    REQUIRE(names.ok());
    std::sort(names->begin(), names->end());
    CHECK(*names == std::vector<std::string>{"file", "folder"});
  }
}

TEST_CASE("a tree is removed with all that is in it, and what its links lead to stays") {
  const Scratch scratch;
  fs::create_directories(scratch.path() / "tree/a/b/c");
  fs::create_directories(scratch.path() / "tree/.up-0/x");
  fs::create_directories(scratch.path() / "kept");
  touch(scratch.path() / "kept/file");
  touch(scratch.path() / "tree/a/b/file");
  fs::create_symlink("../kept", scratch.path() / "tree/link");
  REQUIRE(removeTree(scratch.fd(), "tree").ok());
  CHECK(!fs::exists(scratch.path() / "tree"));
  CHECK(fs::exists(scratch.path() / "kept/file"));

  fs::create_symlink("kept", scratch.path() / "link");
  REQUIRE(removeTree(scratch.fd(), "link").ok());
  CHECK(fs::exists(scratch.path() / "kept/file"));
  CHECK(removeTree(scratch.fd(), "never-was").ok());
}

TEST_CASE("a tree that is deeper than any path can say is removed") {
  const Scratch scratch;
  UniqueFd at(::fcntl(scratch.fd(), F_DUPFD_CLOEXEC, 0));
  for (int depth = 0; depth < 5000; ++depth) {
    REQUIRE(::mkdirat(at.get(), "deep", 0700) == 0);
    at.reset(::openat(at.get(), "deep", O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(static_cast<bool>(at));
  }
  REQUIRE(removeTree(scratch.fd(), "deep").ok());
  CHECK(namesIn(scratch.fd())->empty());
}

}  // namespace
}  // namespace tango::base
