// What a hostile tarball tries, and what a layer means.
#include "images/unpack.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/safe_path.hpp"
#include "unit/images/tarball.hpp"
#include "unit/images/test_folder.hpp"

namespace tango::images {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

/// A root to unpack into, beside a file that nobody may reach.
class Root {
 public:
  explicit Root(const ImageLimits& limits = {})
      : writer_((fs::create_directory(folder_ / "root"), openRoot()), limits) {
    writeContent(folder_ / "secret", "secret");
  }

  Result<void> unpack() { return unpackTarball(open(), writer_); }
  Result<void> layer() { return unpackLayer(open(), writer_); }

  [[nodiscard]] std::string tarball() const { return folder_ / "a.tar"; }
  [[nodiscard]] fs::path operator/(const std::string& path) const {
    return fs::path(folder_ / "root") / path;
  }
  [[nodiscard]] bool has(const std::string& path) const {
    return fs::exists(fs::symlink_status(*this / path));
  }
  [[nodiscard]] bool secretIsSafe() const {
    return contentOf(folder_ / "secret") == "secret" &&
           std::distance(fs::directory_iterator(folder_.path()), {}) <= 3;
  }
  [[nodiscard]] struct stat facts(const std::string& path) const {
    struct stat facts{};
    REQUIRE(::lstat((*this / path).c_str(), &facts) == 0);
    return facts;
  }
  RootWriter& writer() { return writer_; }

 private:
  UniqueFd openRoot() {
    Result<UniqueFd> root = base::openDirectory((folder_ / "root").c_str());
    REQUIRE(root.ok());
    return std::move(*root);
  }
  [[nodiscard]] UniqueFd open() const {
    UniqueFd file(::open(tarball().c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(static_cast<bool>(file));
    return file;
  }

  TestFolder folder_;
  RootWriter writer_;
};

TEST_CASE("a link never leads a later entry out of the root") {
  Root root;
  Tarball(root.tarball())
      .link("up", "../..")
      .file("up/escaped", "x")
      .link("slash", "/")
      .file("slash/tmp/inside", "x")
      .link("deep", "/tmp/../../../..")
      .file("deep/also-inside", "x");
  REQUIRE(root.unpack().ok());
  CHECK(root.secretIsSafe());
  CHECK(root.has("escaped"));
  CHECK(root.has("tmp/inside"));
}

TEST_CASE("nothing is written through a link that bears the entry's name") {
  Root root;
  Tarball(root.tarball()).link("victim", "../secret").file("victim", "overwritten");
  REQUIRE(root.unpack().ok());
  CHECK(root.secretIsSafe());
  CHECK(contentOf(root / "victim") == "overwritten");
  CHECK(S_ISREG(root.facts("victim").st_mode));
}

TEST_CASE("a folder takes the place of a link, and leaves what that led to alone") {
  Root root;
  Tarball(root.tarball()).file("usr/lib/kept").link("lib", "usr/lib").folder("lib", 0700);
  REQUIRE(root.unpack().ok());
  CHECK(S_ISDIR(root.facts("lib").st_mode));
  CHECK(root.has("usr/lib/kept"));
}

TEST_CASE("a link inside the root is followed for a parent") {
  Root root;
  Tarball(root.tarball()).folder("usr/lib").link("lib", "usr/lib").file("lib/libc.so", "elf");
  REQUIRE(root.unpack().ok());
  CHECK(contentOf(root / "usr/lib/libc.so") == "elf");
}

TEST_CASE("a path with '..' in it is refused") {
  for (const char* path : {"../secret", "a/../../secret", "/../secret", "..", "a/.."}) {
    CAPTURE(path);
    Root root;
    Tarball(root.tarball()).file(path, "x");
    const Result<void> unpacked = root.unpack();
    REQUIRE(!unpacked.ok());
    CHECK(unpacked.error().kind() == ErrorKind::kInvalid);
    CHECK(root.secretIsSafe());
  }
}

TEST_CASE("an absolute path is one inside the root") {
  Root root;
  Tarball(root.tarball()).file("/etc/tango-absolute", "x").file("//usr//./bin/a", "y");
  REQUIRE(root.unpack().ok());
  CHECK(contentOf(root / "etc/tango-absolute") == "x");
  CHECK(contentOf(root / "usr/bin/a") == "y");
  CHECK(!fs::exists("/etc/tango-absolute"));
}

TEST_CASE("a hard link is to a file inside, or refused") {
  Root root;
  Tarball(root.tarball()).file("a", "x").hardLink("b", "a").hardLink("b", "a").hardLink("c", "/b");
  REQUIRE(root.unpack().ok());
  CHECK(root.facts("a").st_nlink == 3);
  for (const char* target : {"../secret", "/secret", "up/secret", "missing", "folder", "."}) {
    CAPTURE(target);
    Root other;
    Tarball(other.tarball()).folder("folder").link("up", "..").hardLink("escape", target);
    const Result<void> unpacked = other.unpack();
    REQUIRE(!unpacked.ok());
    CHECK(unpacked.error().kind() == ErrorKind::kInvalid);
    CHECK(other.secretIsSafe());
  }
}

TEST_CASE("a file does not write through a hard link") {
  Root root;
  Tarball(root.tarball()).file("a", "first").hardLink("b", "a").file("b", "second");
  REQUIRE(root.unpack().ok());
  CHECK(contentOf(root / "a") == "first");
  CHECK(contentOf(root / "b") == "second");
}

TEST_CASE("devices and FIFOs are left out") {
  Root root;
  Tarball(root.tarball())
      .special("dev/sda", S_IFBLK)
      .special("dev/mem", S_IFCHR)
      .special("fifo", S_IFIFO)
      .file("file", "x");
  REQUIRE(root.unpack().ok());
  CHECK(!root.has("dev/sda"));
  CHECK(!root.has("dev/mem"));
  CHECK(!root.has("fifo"));
  CHECK(root.has("file"));
}

TEST_CASE("setuid and setgid are lost, the other permissions stay") {
  Root root;
  Tarball(root.tarball())
      .file("su", "x", 04755)
      .file("shadow", "x", 02000)
      .folder("closed", 02000)
      .folder("tmp", 01777)
      .folder("./", 0700);
  REQUIRE(root.unpack().ok());
  CHECK((root.facts("su").st_mode & 07777) == 0755);
  CHECK((root.facts("shadow").st_mode & 07777) == 0400);
  CHECK((root.facts("closed").st_mode & 07777) == 0700);
  CHECK((root.facts("tmp").st_mode & 07777) == 01777);
  CHECK((root.facts(".").st_mode & 07777) == 0755);
  CHECK(root.facts("su").st_uid == ::geteuid());
  CHECK(root.facts("su").st_mtime == 1'000'000'000);
}

TEST_CASE("a name in UTF-8 or in no encoding stays as it is") {
  Root root;
  Tarball(root.tarball())
      .file(
          "gr\xc3\xbc\xc3\x9f"
          "e",
          "x")
      .file("latin-\xfc", "y");
  REQUIRE(root.unpack().ok());
  CHECK(
      root.has("gr\xc3\xbc\xc3\x9f"
               "e"));
  CHECK(root.has("latin-\xfc"));
}

TEST_CASE("a hole stays a hole, and counts for a file's size but not for the bytes written") {
  ImageLimits limits;
  limits.bytes_max = 64ULL << 20U;
  Root root(limits);
  Tarball(root.tarball()).sparse("sparse", 32U << 20U, 16U << 20U, "middle");
  REQUIRE(root.unpack().ok());
  CHECK(root.facts("sparse").st_size == 32 << 20);
  CHECK(root.facts("sparse").st_blocks < 1024);
  CHECK(contentOf(root / "sparse").substr(16U << 20U, 6) == "middle");
  CHECK(root.writer().bytes() < 1 << 20);

  Tarball(root.tarball()).sparse("huge", 1ULL << 60U, 0, "x");
  const Result<void> unpacked = root.unpack();
  REQUIRE(!unpacked.ok());
  CHECK(unpacked.error().kind() == ErrorKind::kTooLarge);
}

TEST_CASE("bytes, entries and depth are bounded") {
  ImageLimits limits;
  limits.bytes_max = 1000;
  limits.entries_max = 20;
  limits.depth_max = 8;
  const auto kind_of = [&](const auto& fill) {
    Root root(limits);
    {
      Tarball tarball(root.tarball());
      fill(tarball);
    }
    const Result<void> unpacked = root.unpack();
    return unpacked ? ErrorKind::kSystem : unpacked.error().kind();
  };
  CHECK(kind_of([](Tarball& t) {
          t.file("a", std::string(600, 'x')).file("b", std::string(600, 'x'));
        }) == ErrorKind::kTooLarge);
  CHECK(kind_of([](Tarball& t) { t.file("1/2/3/4/5/6/7/8/9"); }) == ErrorKind::kTooLarge);
  const auto many_devices = [](Tarball& t) {
    for (int i = 0; i < 21; ++i) {
      t.special("device", S_IFCHR);
    }
  };
  CHECK(kind_of(many_devices) == ErrorKind::kTooLarge);
  CHECK(kind_of([](Tarball& t) { t.file("1/2/3/4/5/6/7/8", std::string(1000, 'x')); }) ==
        ErrorKind::kSystem);  // nothing wrong
}

TEST_CASE("a loop of links is an error, not a hang") {
  Root root;
  Tarball(root.tarball()).link("a", "b").link("b", "a").file("a/x", "x");
  CHECK(!root.unpack().ok());
  Tarball(root.tarball()).link("self", "self").folder("self/x");
  CHECK(!root.unpack().ok());
  Tarball(root.tarball()).link("dangling", "nowhere/at/all").file("dangling/x", "x");
  CHECK(!root.unpack().ok());
}

TEST_CASE("what is broken, empty or no tarball is refused") {
  Root root;
  const auto refused = [&] {
    const Result<void> unpacked = root.unpack();
    return !unpacked.ok() && unpacked.error().kind() == ErrorKind::kInvalid;
  };
  Tarball(root.tarball()).file("big", std::string(100'000, 'x'));
  fs::resize_file(root.tarball(), 50'000);
  CHECK(refused());
  Tarball(root.tarball(), Tarball::Compression::kGzip).file("big", std::string(100'000, 'x'));
  fs::resize_file(root.tarball(), fs::file_size(root.tarball()) / 2);
  CHECK(refused());
  writeContent(root.tarball(), "");
  CHECK(refused());
  writeContent(root.tarball(), std::string(10'240, '\0'));
  CHECK(refused());
  writeContent(root.tarball(), "This is a letter, and no archive.\n" + std::string(5000, '!'));
  CHECK(refused());
}

TEST_CASE("the compression does not matter") {
  for (const auto compression : {Tarball::Compression::kGzip, Tarball::Compression::kZstd}) {
    Root root;
    Tarball(root.tarball(), compression).file("a", "x");
    CHECK(root.unpack().ok());
    CHECK(contentOf(root / "a") == "x");
  }
}

TEST_CASE("a whiteout hides what lower layers have, and nothing else") {
  Root root;
  Tarball(root.tarball())
      .file("usr/lib/a")
      .file("usr/lib/b")
      .file("d/sub/x")
      .link("lib", "usr/lib");
  REQUIRE(root.layer().ok());
  Tarball(root.tarball())
      .file("lib/new", "x")
      .file("lib/.wh.a")
      .file(".wh.d")
      .file("d/again", "x")
      .file(".wh.never-was")
      .file("never/.wh.was")
      .file(".wh..wh.plnk", "AUFS");
  REQUIRE(root.layer().ok());
  CHECK(!root.has("usr/lib/a"));
  CHECK(root.has("usr/lib/b"));
  CHECK(root.has("usr/lib/new"));
  CHECK(!root.has("d/sub"));
  CHECK(root.has("d/again"));
  CHECK(!root.has(".wh..wh.plnk"));
  CHECK(!root.has("usr/lib/.wh.a"));
}

TEST_CASE("an opaque whiteout empties the folder below it, whatever comes first in the layer") {
  Root root;
  Tarball(root.tarball()).file("d/old").file("d/sub/old");
  REQUIRE(root.layer().ok());
  Tarball(root.tarball()).file("d/sub/new", "x").file("d/.wh..wh..opq").file("d/newer", "x");
  REQUIRE(root.layer().ok());
  CHECK(!root.has("d/old"));
  CHECK(!root.has("d/sub/old"));
  CHECK(root.has("d/sub/new"));
  CHECK(root.has("d/newer"));
}

TEST_CASE("a whiteout does not reach out of the root") {
  for (const char* path : {"../.wh.secret", "up/.wh.secret", "up/.wh..wh..opq", ".wh...", ".wh.",
                           ".wh..", "/.wh.root/../../.wh.secret"}) {
    CAPTURE(path);
    Root root;
    Tarball(root.tarball()).link("up", "..").file("kept");
    REQUIRE(root.layer().ok());
    Tarball(root.tarball()).file(path);
    (void)root.layer().ok();
    CHECK(root.secretIsSafe());
  }
}

TEST_CASE("a layer replaces a file by a folder and a folder by a file") {
  Root root;
  Tarball(root.tarball()).file("a", "x").file("b/c/d", "x");
  REQUIRE(root.layer().ok());
  Tarball(root.tarball()).folder("a").file("a/x", "1").file("b", "2");
  REQUIRE(root.layer().ok());
  CHECK(contentOf(root / "a/x") == "1");
  CHECK(contentOf(root / "b") == "2");
}

}  // namespace
}  // namespace tango::images
