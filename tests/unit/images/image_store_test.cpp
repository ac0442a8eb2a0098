#include "images/image_store.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "unit/images/tarball.hpp"
#include "unit/images/test_folder.hpp"

namespace tango::images {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

class Store {
 public:
  Store() : store_(folder_ / "data") {}

  ImageStore* operator->() { return &store_; }
  /// A tarball of a root file system with one file in it.
  [[nodiscard]] std::string tarball(const std::string& content = "x") const {
    const std::string path = folder_ / "root.tar";
    Tarball(path).file("bin/sh", "").file("usr/bin/make", "").file("content", content);
    return path;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] fs::path images() const { return folder_ / "data/images"; }
  /// What lies among the images beside the images.
  [[nodiscard]] int leftovers() const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(images())) {
      const std::string name = entry.path().filename();
      count += name.starts_with('.') && name != ".lock" ? 1 : 0;
    }
    return count;
  }

 private:
  TestFolder folder_;
  ImageStore store_;
};

ErrorKind kindOf(const Result<ImageInfo>& result) {
  REQUIRE(!result.ok());
  return result.error().kind();
}

TEST_CASE("an image is imported, listed, found and removed") {
  Store store;
  CHECK(store->list()->empty());
  CHECK(kindOf(store->find("a")) == ErrorKind::kNotFound);
  const Result<ImageInfo> imported = store->import("lab:1/x", store.tarball());
  REQUIRE(imported.ok());
  CHECK(imported->source == "tarball");
  CHECK(imported->uid == 1000);
  CHECK(imported->entries == 3);
  CHECK(imported->bytes == 1);
  CHECK(imported->architecture == hostArchitecture());
  CHECK(imported->imported_at.size() == std::string("2026-11-23T17:31:03Z").size());
  CHECK(imported->warnings.empty());
  CHECK(contentOf(fs::path(imported->rootfs) / "content") == "x");
  CHECK(fs::status(store.images()).permissions() == fs::perms(0700));

  REQUIRE(store->import("b", store.tarball()).ok());
  const Result<std::vector<ImageInfo>> list = store->list();
  REQUIRE(list.ok());
  REQUIRE(list->size() == 2);
  CHECK((*list)[0].name == "b");
  CHECK((*list)[1].name == "lab:1/x");
  const Result<ImageInfo> found = store->find("lab:1/x");
  REQUIRE(found.ok());
  CHECK(toJson(*found) == toJson(*imported));
  CHECK(found->rootfs == imported->rootfs);

  CHECK(store->remove("lab:1/x").ok());
  CHECK(store->remove("lab:1/x").error().kind() == ErrorKind::kNotFound);
  CHECK(store->list()->size() == 1);
  CHECK(store.leftovers() == 0);
}

TEST_CASE("what cannot be imported leaves nothing behind") {
  Store store;
  CHECK(kindOf(store->import("host", store.tarball())) == ErrorKind::kInvalid);
  CHECK(kindOf(store->import("a b", store.tarball())) == ErrorKind::kInvalid);
  CHECK(kindOf(store->import("a", store.path("missing"))) == ErrorKind::kNotFound);
  CHECK(kindOf(store->import("a", "/dev/null")) == ErrorKind::kInvalid);
  writeContent(store.path("garbage"), "garbage");
  CHECK(kindOf(store->import("a", store.path("garbage"))) == ErrorKind::kInvalid);
  Tarball(store.path("no-root.tar")).file("readme", "");
  CHECK(kindOf(store->import("a", store.path("no-root.tar"))) == ErrorKind::kInvalid);
  ImportOptions small;
  small.limits.bytes_max = 10;
  CHECK(kindOf(store->import("a", store.tarball("more than ten bytes"), small)) ==
        ErrorKind::kTooLarge);
  CHECK(store->list()->empty());
  CHECK(store.leftovers() == 0);
}

TEST_CASE("a name that is taken is refused, or replaced if that is asked for") {
  Store store;
  ImportOptions replace;
  replace.replace = true;
  REQUIRE(store->import("a", store.tarball("first"), replace).ok());
  CHECK(kindOf(store->import("a", store.tarball("second"))) == ErrorKind::kExists);
  const Result<ImageInfo> second = store->import("a", store.tarball("second"), replace);
  REQUIRE(second.ok());
  CHECK(contentOf(fs::path(second->rootfs) / "content") == "second");
  CHECK(store->list()->size() == 1);
  CHECK(store.leftovers() == 0);
}

TEST_CASE("an image that is held keeps its files when it is replaced or removed") {
  Store store;
  ImportOptions replace;
  replace.replace = true;
  REQUIRE(store->import("a", store.tarball("first")).ok());
  Result<UniqueFd> held = store->hold("a");
  REQUIRE(held.ok());
  REQUIRE(store->import("a", store.tarball("second"), replace).ok());
  CHECK(::faccessat(held->get(), "rootfs/content", F_OK, 0) == 0);
  Result<UniqueFd> second = store->hold("a");
  REQUIRE(second.ok());
  REQUIRE(store->remove("a").ok());
  CHECK(::faccessat(second->get(), "rootfs/content", F_OK, 0) == 0);
  CHECK(store.leftovers() == 2);
  CHECK(store->hold("a").error().kind() == ErrorKind::kNotFound);

  held->reset();
  second->reset();
  REQUIRE(store->import("b", store.tarball()).ok());
  CHECK(store.leftovers() == 0);
}

TEST_CASE("what a killed import left is removed by the next, and a running one is not") {
  Store store;
  REQUIRE(store->import("a", store.tarball()).ok());
  fs::create_directories(store.images() / ".importing-aaaaaa/rootfs/usr");
  fs::create_directories(store.images() / ".removed-aaaaaa/rootfs/usr");
  fs::create_directories(store.images() / ".importing-bbbbbb/rootfs/usr");
  const UniqueFd running(::open((store.images() / ".importing-bbbbbb").c_str(), O_RDONLY));
  REQUIRE(::flock(running.get(), LOCK_EX) == 0);
  REQUIRE(store->import("b", store.tarball()).ok());
  CHECK(store.leftovers() == 1);
  CHECK(fs::exists(store.images() / ".importing-bbbbbb/rootfs/usr"));
  CHECK(store->list()->size() == 2);
}

TEST_CASE("of many imports of one name at once, one wins") {
  Store store;
  const std::string tarball = store.tarball();
  std::atomic<int> imported = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const Result<ImageInfo> result = store->import("a", tarball);
      imported += result ? 1 : 0;
      refused += !result && result.error().kind() == ErrorKind::kExists ? 1 : 0;
    });
  }
  threads.clear();
  CHECK(imported == 1);
  CHECK(refused == 7);
  CHECK(store.leftovers() == 0);
}

TEST_CASE("imports, replacements and removals at once leave whole images only") {
  Store store;
  const std::string tarball = store.tarball();
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      ImportOptions replace;
      replace.replace = true;
      for (int round = 0; round < 10; ++round) {
        (void)store->import("shared", tarball, replace).ok();
        (void)store->import("own-" + std::to_string(i), tarball, replace).ok();
        (void)store->remove("shared").ok();
      }
    });
  }
  threads.clear();
  const Result<ImageInfo> last = store->import("last", tarball);
  REQUIRE(last.ok());
  const Result<std::vector<ImageInfo>> list = store->list();
  REQUIRE(list.ok());
  CHECK(list->size() >= 5);
  for (const ImageInfo& image : *list) {
    CHECK(image.warnings.empty());
    CHECK(contentOf(fs::path(image.rootfs) / "content") == "x");
  }
  CHECK(store.leftovers() == 0);
}

TEST_CASE("an image whose image.json is broken is listed, not found, and can be removed") {
  Store store;
  REQUIRE(store->import("a", store.tarball()).ok());
  writeContent(store.images() / "a/image.json", R"({"name": "a"})");
  CHECK(kindOf(store->find("a")) == ErrorKind::kInvalid);
  REQUIRE(store->list()->size() == 1);
  CHECK(store->list()->front().warnings.size() == 1);
  CHECK(store->remove("a").ok());
}

TEST_CASE("a folder is copied with its links and holes, and without what is mounted or special") {
  Store store;
  const fs::path source = store.path("source");
  fs::create_directories(source / "bin");
  writeContent(source / "bin/sh", "#!");
  fs::create_hard_link(source / "bin/sh", source / "bin/make");
  fs::create_symlink("bin/sh", source / "link");
  writeContent(source / "hole", "");
  fs::resize_file(source / "hole", 64 << 20);
  REQUIRE(::mkfifo((source / "fifo").c_str(), 0600) == 0);
  const Result<ImageInfo> image = store->import("a", source);
  REQUIRE(image.ok());
  CHECK(image->source == "directory");
  const fs::path root = image->rootfs;
  CHECK(fs::equivalent(root / "bin/sh", root / "bin/make"));
  CHECK(fs::read_symlink(root / "link") == "bin/sh");
  CHECK(fs::file_size(root / "hole") == 64 << 20);
  CHECK(image->bytes < 1 << 20);
  CHECK(!fs::exists(root / "fifo"));
}

TEST_CASE("a folder that holds the data folder is not copied into itself") {
  Store store;
  fs::create_directories(fs::path(store.path("bin")));
  const Result<ImageInfo> image = store->import("a", store.path(""));
  REQUIRE(image.ok());
  CHECK(!fs::exists(fs::path(image->rootfs) / "data/images"));
}

}  // namespace
}  // namespace tango::images
