#include "tango/service_key.hpp"

#include <atomic>
#include <set>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"
#include "support/temp_folder.hpp"

namespace tango::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

class DataFolder {
 public:
  DataFolder() : fd_(*base::openDirectory(folder_.path().c_str())) {}

  [[nodiscard]] Result<ServiceKeys> keys(const std::vector<std::string>& given = {},
                                         const std::string& host = "127.0.0.1") const {
    return serviceKeys(given, fd_.get(), folder_.path(), host);
  }
  [[nodiscard]] fs::path path() const { return folder_.path() / "key"; }
  void write(const std::string& content, mode_t mode = 0600) const {
    static_cast<void>(folder_.write("key", content));
    REQUIRE(::chmod(path().c_str(), mode) == 0);
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

 private:
  test::TempFolder folder_;
  base::UniqueFd fd_;
};

TEST_CASE("without a key one is made, for this user alone, and stays") {
  const DataFolder folder;
  const Result<ServiceKeys> first = folder.keys({}, "0.0.0.0");
  REQUIRE(first.ok());
  CHECK(first->made);
  CHECK(first->made_at == folder.path());
  REQUIRE(first->keys.size() == 1);
  CHECK(first->keys[0].size() == 64);
  struct stat status{};
  REQUIRE(::stat(folder.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(status.st_nlink == 1);
  CHECK(folder.files() == 1);

  const Result<ServiceKeys> second = folder.keys();
  REQUIRE(second.ok());
  CHECK_FALSE(second->made);
  CHECK(second->made_at == folder.path());
  CHECK(second->keys == first->keys);
  CHECK(DataFolder().keys()->keys != first->keys);
}

TEST_CASE("services that start at once all have the same key") {
  const DataFolder folder;
  constexpr std::size_t kServices = 8;
  std::vector<std::string> keys(kServices);
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> services;
    for (std::string& key : keys) {
      services.emplace_back([&folder, &key, &made] {
        const Result<ServiceKeys> got = folder.keys();
        if (got) {
          key = got->keys[0];
          made += got->made ? 1 : 0;
        }
      });
    }
  }
  CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 1);
  CHECK(keys[0].size() == 64);
  CHECK(made == 1);
  CHECK(folder.files() == 1);
}

TEST_CASE("given keys are taken, and none is made") {
  const DataFolder folder;
  const Result<ServiceKeys> keys =
      folder.keys({"0123456789abcdef", "another key, quite long"}, "::");
  REQUIRE(keys.ok());
  CHECK(keys->keys.size() == 2);
  CHECK(keys->made_at.empty());
  CHECK_FALSE(keys->made);
  CHECK(folder.files() == 0);
}

TEST_CASE("a weak key is for this machine's own clients alone") {
  const DataFolder folder;
  for (const char* key : {"test", "a", "123456789abcdef"}) {
    CAPTURE(key);
    for (const char* host : {"127.0.0.1", "::1", "localhost"}) {
      CHECK(folder.keys({key}, host).ok());
    }
    for (const char* host : {"0.0.0.0", "::", "192.168.1.7", "tango.example.org"}) {
      const Result<ServiceKeys> refused = folder.keys({"0123456789abcdef", key}, host);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().kind() == ErrorKind::kInvalid);
      CHECK(refused.error().message().find("key 2 is not good enough for") == 0);
    }
  }
}

TEST_CASE("what cannot be a key is refused anywhere, and not quoted") {
  const DataFolder folder;
  for (const std::string& key :
       {std::string(), std::string("hunter2-hunter2\n"), std::string("hunter2\0hunter2hunter2", 22),
        "hunter2" + std::string(300, 'x')}) {
    const Result<ServiceKeys> refused = folder.keys({key});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message().find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a key file that others may know is refused") {
  const DataFolder folder;
  const std::string good(64, 'a');
  for (const mode_t mode : {0640U, 0604U, 0660U, 0602U}) {
    folder.write(good, mode);
    CHECK(folder.keys().error().message().find("is open to others") != std::string::npos);
  }
  folder.write(good, 0400);
  CHECK(folder.keys()->keys == std::vector<std::string>{good});
}

TEST_CASE("a key file of another user is refused" * doctest::skip(::geteuid() != 0)) {
  const DataFolder folder;
  folder.write(std::string(64, 'a'));
  REQUIRE(::chown(folder.path().c_str(), 12'345, 12'345) == 0);
  CHECK(folder.keys().error().message().find("belongs to user 12345") != std::string::npos);
}

TEST_CASE("a key file with something else in it is refused, and not quoted") {
  const DataFolder folder;
  for (const std::string& content :
       {std::string(), std::string("\n"), std::string("hunter2\n"),
        "hunter2\n" + std::string(99, 'a'), std::string("hunter2-hunter2-\0", 17),
        std::string(400, 'k'), std::string(10'000, 'k')}) {
    folder.write(content);
    const Result<ServiceKeys> refused = folder.keys();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind() == ErrorKind::kInvalid);
    CHECK(refused.error().message().find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what stands in the key file's place is neither followed nor replaced") {
  const DataFolder folder;
  fs::create_symlink("/etc/passwd", folder.path());
  CHECK_FALSE(folder.keys().ok());
  fs::remove(folder.path());
  fs::create_symlink("nowhere", folder.path());
  CHECK_FALSE(folder.keys().ok());
  fs::remove(folder.path());
  fs::create_directory(folder.path());
  CHECK_FALSE(folder.keys().ok());
  fs::remove(folder.path());
  REQUIRE(::mkfifo(folder.path().c_str(), 0600) == 0);
  CHECK_FALSE(folder.keys().ok());
  CHECK(folder.files() == 1);
}

}  // namespace
}  // namespace tango::app
