#include "files/blob_store.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"
#include "support/temp_folder.hpp"

namespace tango::files {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;

/// FIPS 180 and RFC 1321 give these of "abc" and of nothing.
constexpr const char* kAbcSha256 =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kAbcMd5 = "900150983cd24fb0d6963f7d28e17f72";
constexpr const char* kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kEmptyMd5 = "d41d8cd98f00b204e9800998ecf8427e";

constexpr base::UnixMillis kHour = 3'600'000;

/// A store in a folder of its own, with a clock that can be moved ahead.
class Blobs {
 public:
  Blobs() { open(); }
  void open() {
    const Result<UniqueFd> data = base::openDirectory(folder().c_str());
    REQUIRE(data.ok());
    auto opened =
        BlobStore::open(data.value().get(), folder(), [this] { return base::unixNow() + ahead; });
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message()));
    store_ = *std::move(opened);
  }
  [[nodiscard]] BlobStore& store() { return *store_; }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  StoredBlob put(std::string_view content) {
    Result<Upload> upload = store_->begin();
    REQUIRE(upload.ok());
    REQUIRE(upload->write(content).ok());
    const Result<StoredBlob> kept = upload->keep();
    REQUIRE_MESSAGE(kept.ok(), (kept ? "" : kept.error().message()));
    return kept.value();
  }
  [[nodiscard]] std::size_t incoming() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder() / "incoming"), fs::directory_iterator()));
  }

  std::atomic<base::UnixMillis> ahead{0};

 private:
  test::TempFolder folder_;
  std::unique_ptr<BlobStore> store_;
};

std::string contentOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE_FIXTURE(Blobs, "content lies under its SHA-256, and its MD5 is told too") {
  const StoredBlob blob = put("abc");
  CHECK(blob.sha256 == kAbcSha256);
  CHECK(blob.md5 == kAbcMd5);
  CHECK(blob.bytes == 3);
  CHECK(store().path(kAbcSha256) == folder() / "blobs" / "ba" / kAbcSha256);
  CHECK(contentOf(store().path(kAbcSha256)) == "abc");
  CHECK(store().openBlob(kAbcSha256).ok());
  CHECK(incoming() == 0);
}

TEST_CASE_FIXTURE(Blobs, "nothing is content too") {
  Result<Upload> upload = store().begin();
  REQUIRE(upload.ok());
  const Result<StoredBlob> blob = upload->keep();
  REQUIRE(blob.ok());
  CHECK(blob.value().sha256 == kEmptySha256);
  CHECK(blob.value().md5 == kEmptyMd5);
  CHECK(blob.value().bytes == 0);
}

TEST_CASE_FIXTURE(Blobs, "it does not matter in how many pieces content comes") {
  const std::string all(1'000'003, 'x');
  const StoredBlob whole = put(all);
  Result<Upload> upload = store().begin();
  REQUIRE(upload.ok());
  for (std::size_t at = 0; at < all.size(); at += 4'099) {
    REQUIRE(upload->write(std::string_view(all).substr(at, 4'099)).ok());
  }
  CHECK(upload->bytes() == all.size());
  const Result<StoredBlob> pieces = upload->keep();
  REQUIRE(pieces.ok());
  CHECK(pieces.value().sha256 == whole.sha256);
  CHECK(pieces.value().md5 == whole.md5);
}

TEST_CASE_FIXTURE(Blobs, "an upload that is not kept leaves nothing") {
  {
    Result<Upload> upload = store().begin();
    REQUIRE(upload.ok());
    REQUIRE(upload->write(std::string_view("abc")).ok());
    CHECK(incoming() == 1);
    const Upload moved = *std::move(upload);
    CHECK(moved.bytes() == 3);
  }
  CHECK(incoming() == 0);
  CHECK(!fs::exists(store().path(kAbcSha256)));
}

TEST_CASE_FIXTURE(Blobs, "what a crash left of an upload is gone after the start") {
  put("abc");
  std::ofstream(folder() / "incoming" / "left") << "half";
  open();
  CHECK(incoming() == 0);
  CHECK(contentOf(store().path(kAbcSha256)) == "abc");
}

TEST_CASE_FIXTURE(Blobs, "content is for nobody but us") {
  put("abc");
  struct stat status{};
  REQUIRE(::stat(store().path(kAbcSha256).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  for (const char* name : {"blobs", "incoming", "blobs/ba"}) {
    REQUIRE(::stat((folder() / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
  }
}

TEST_CASE_FIXTURE(Blobs,
                  "content that comes again is young again, and readers keep what they have") {
  put("abc");
  const Result<UniqueFd> reader = store().openBlob(kAbcSha256);
  REQUIRE(reader.ok());
  struct stat before{};
  REQUIRE(::fstat(reader.value().get(), &before) == 0);
  put("abc");
  struct stat after{};
  REQUIRE(::stat(store().path(kAbcSha256).c_str(), &after) == 0);
  CHECK(before.st_ino != after.st_ino);
  char bytes[4] = {};
  CHECK(::read(reader.value().get(), bytes, sizeof bytes) == 3);
}

TEST_CASE_FIXTURE(Blobs, "content is removed once it is an hour old") {
  put("abc");
  REQUIRE(store().remove(kAbcSha256).ok());
  CHECK(fs::exists(store().path(kAbcSha256)));
  ahead = kHour - 60'000;
  REQUIRE(store().remove(kAbcSha256).ok());
  CHECK(fs::exists(store().path(kAbcSha256)));
  ahead = kHour + 60'000;
  REQUIRE(store().remove(kAbcSha256).ok());
  CHECK(!fs::exists(store().path(kAbcSha256)));
  REQUIRE(store().remove(kAbcSha256).ok());
  CHECK(store().openBlob(kAbcSha256).error().kind() == ErrorKind::kNotFound);
}

TEST_CASE_FIXTURE(Blobs, "a time that was set back on content does not make it old") {
  put("abc");
  const timespec long_ago[2] = {{1'000, 0}, {1'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, store().path(kAbcSha256).c_str(), long_ago, 0) == 0);
  REQUIRE(store().remove(kAbcSha256).ok());
  CHECK(fs::exists(store().path(kAbcSha256)));
}

TEST_CASE_FIXTURE(Blobs, "no other name than a SHA-256 leads anywhere") {
  std::ofstream(folder() / "secret") << "secret";
  const std::vector<std::string> names = {"",
                                          "secret",
                                          "../secret",
                                          "../../etc/passwd",
                                          std::string(64, 'g'),
                                          std::string(64, 'A'),
                                          std::string(63, 'a'),
                                          std::string(65, 'a'),
                                          "../" + std::string(61, 'a'),
                                          std::string(63, 'a') + std::string(1, '\0')};
  for (const std::string& name : names) {
    CHECK(!isSha256(name));
    CHECK(store().openBlob(name).error().kind() == ErrorKind::kInvalid);
    CHECK(store().remove(name).error().kind() == ErrorKind::kInvalid);
  }
  CHECK(isSha256(kAbcSha256));
  CHECK(store().openBlob(std::string(64, 'a')).error().kind() == ErrorKind::kNotFound);
  CHECK(store().remove(std::string(64, 'a')).ok());
}

TEST_CASE_FIXTURE(Blobs, "a link in the place of content or of a folder is not followed") {
  std::ofstream(folder() / "secret") << "secret";
  const std::string name(64, 'a');
  fs::create_directory(folder() / "blobs" / "aa");
  fs::create_symlink("../../secret", folder() / "blobs" / "aa" / name);
  CHECK(!store().openBlob(name).ok());
  fs::create_directory(folder() / "elsewhere");
  fs::create_directory_symlink("../elsewhere", folder() / "blobs" / "ba");
  Result<Upload> upload = store().begin();
  REQUIRE(upload.ok());
  REQUIRE(upload->write(std::string_view("abc")).ok());
  CHECK(!upload->keep().ok());
  CHECK(fs::is_empty(folder() / "elsewhere"));
}

TEST_CASE_FIXTURE(Blobs, "an upload that could not be written is not kept") {
  Result<Upload> upload = store().begin();
  REQUIRE(upload.ok());
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{10, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const Result<void> written = upload->write(std::string_view("more than ten bytes"));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  REQUIRE(!written.ok());
  CHECK(written.error().kind() == ErrorKind::kTooLarge);
  CHECK(!upload->keep().ok());
}

TEST_CASE_FIXTURE(Blobs, "uploads and removals at once leave every content that was kept last") {
  ahead = 2 * kHour;
  std::atomic<bool> stop{false};
  std::thread remover([&] {
    while (!stop) {
      static_cast<void>(store().remove(kAbcSha256));
    }
  });
  std::vector<std::thread> uploaders;
  std::atomic<int> kept{0};
  for (int i = 0; i < 4; ++i) {
    uploaders.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        Result<Upload> upload = store().begin();
        if (upload && upload->write(std::string_view("abc")).ok() && upload->keep().ok()) {
          ++kept;
        }
      }
    });
  }
  for (std::thread& uploader : uploaders) {
    uploader.join();
  }
  stop = true;
  remover.join();
  CHECK(kept == 100);
  CHECK(incoming() == 0);
}

TEST_CASE("a data folder in which a file is in the way is refused") {
  const test::TempFolder folder;
  std::ofstream(folder.path() / "blobs") << "a file";
  const Result<UniqueFd> data = base::openDirectory(folder.path().c_str());
  REQUIRE(data.ok());
  CHECK(!BlobStore::open(data.value().get(), folder.path()).ok());
}

}  // namespace
}  // namespace tango::files
