#include "files/outputs.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"
#include "base/write_all.hpp"
#include "support/temp_folder.hpp"

namespace tango::files {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;

class Folder {
 public:
  Folder() { open(); }
  void open() {
    const Result<UniqueFd> data = base::openDirectory(folder().c_str());
    REQUIRE(data.ok());
    auto opened = Outputs::openIn(data.value().get());
    REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message()));
    outputs_ = *std::move(opened);
  }
  [[nodiscard]] Outputs& outputs() { return *outputs_; }
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  void publish(std::int64_t job, const std::string& content) {
    const auto pending = outputs_->create(job);
    REQUIRE_MESSAGE(pending.ok(), (pending ? "" : pending.error().message()));
    OutputFile& file = pending.value()->file;
    REQUIRE(base::writeAll(file.fd(), content).ok());
    REQUIRE(file.publish().ok());
  }
  bool isThere(std::int64_t job) {
    const Result<UniqueFd> file = outputs_->open(job);
    CHECK((file.ok() || file.error().kind() == ErrorKind::kNotFound));
    return file.ok();
  }
  std::string read(std::int64_t job) {
    const Result<UniqueFd> file = outputs_->open(job);
    REQUIRE(file.ok());
    std::string bytes(100, '\0');
    const ssize_t size = ::read(file.value().get(), bytes.data(), bytes.size());
    REQUIRE(size >= 0);
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }

 private:
  test::TempFolder folder_;
  std::unique_ptr<Outputs> outputs_;
};

TEST_CASE_FIXTURE(Folder, "an output appears when it is published, under its job's id") {
  {
    const auto pending = outputs().create(12'345);
    REQUIRE(pending.ok());
    REQUIRE(base::writeAll(pending.value()->file.fd(), "half").ok());
    CHECK(!isThere(12'345));
  }
  CHECK(!isThere(12'345));
  publish(12'345, "whole");
  CHECK(read(12'345) == "whole");
  CHECK(fs::exists(folder() / "outputs" / "000012" / "12345"));
}

TEST_CASE_FIXTURE(Folder, "outputs stay over a restart, and what was half written goes") {
  publish(1, "one");
  publish(999, "last of its folder");
  publish(1'000, "first of the next");
  publish(std::numeric_limits<std::int64_t>::max(), "far away");
  std::ofstream(folder() / "outputs" / "000000" / ".tango-12345") << "half";
  open();
  CHECK(read(1) == "one");
  CHECK(read(999) == "last of its folder");
  CHECK(read(1'000) == "first of the next");
  CHECK(read(std::numeric_limits<std::int64_t>::max()) == "far away");
  CHECK(!fs::exists(folder() / "outputs" / "000000" / ".tango-12345"));
}

TEST_CASE_FIXTURE(Folder, "a half-written output of the service itself is found by its name") {
  const auto pending = outputs().create(5);
  REQUIRE(pending.ok());
  open();
  CHECK(fs::is_empty(folder() / "outputs" / "000000"));
  CHECK(!pending.value()->file.publish().ok());
}

TEST_CASE_FIXTURE(Folder, "an output that is published again replaces the first") {
  publish(7, "first");
  publish(7, "second");
  CHECK(read(7) == "second");
}

TEST_CASE_FIXTURE(Folder, "an output is removed, and so is its folder once it is empty") {
  publish(7, "x");
  publish(1'007, "y");
  REQUIRE(outputs().remove(7).ok());
  REQUIRE(outputs().remove(7).ok());
  REQUIRE(outputs().remove(123'456'789).ok());
  CHECK(!isThere(7));
  open();
  CHECK(!fs::exists(folder() / "outputs" / "000000"));
  CHECK(read(1'007) == "y");
}

TEST_CASE_FIXTURE(Folder, "there are no jobs below one") {
  for (const std::int64_t job :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    CHECK(outputs().create(job).error().kind() == ErrorKind::kInvalid);
    CHECK(!isThere(job));
    CHECK(outputs().remove(job).ok());
  }
}

TEST_CASE_FIXTURE(Folder, "outputs are for nobody but us, and a link is not followed") {
  publish(7, "x");
  struct stat status{};
  REQUIRE(::stat((folder() / "outputs").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  std::ofstream(folder() / "secret") << "secret";
  fs::create_symlink("../../secret", folder() / "outputs" / "000000" / "8");
  CHECK(!outputs().open(std::int64_t{8}).ok());
  publish(8, "mine");
  CHECK(read(8) == "mine");
  std::ifstream secret(folder() / "secret");
  CHECK(std::string(std::istreambuf_iterator<char>(secret), {}) == "secret");
}

}  // namespace
}  // namespace tango::files
