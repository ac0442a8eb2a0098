#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autodriver/sweep.hpp"
#include "autodriver/tree_reader.hpp"
#include "autodriver/tree_writer.hpp"
#include "base/safe_path.hpp"

namespace tango::autodriver {
namespace {

namespace fs = std::filesystem;
using base::UniqueFd;
using drive::RecordHead;
using drive::RecordKind;

constexpr TreeBounds kBounds{1 << 20, 100, 10};

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = "/tmp/tango-autodriver-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    fd_ = *base::openDirectory(path_.c_str());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { fs::remove_all(path_); }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  fs::path path_;
  UniqueFd fd_;
};

Result<void> copy(const TempFolder& from, const TempFolder& to, const TreeBounds& bounds) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  UniqueFd in(ends[0]);
  ::signal(SIGPIPE, SIG_IGN);  // a writer that gives up leaves its reader writing to nobody
  std::thread reader([&, out_fd = ends[1]] {
    const UniqueFd owned(out_fd);
    RecordOut out(owned.get());
    static_cast<void>(sendTree(from.fd(), "lab", bounds, out));
  });
  RecordIn records(in.get());
  Result<void> received = receiveTree(to.fd(), kBounds, records);
  in.reset();
  reader.join();
  return received;
}

TEST_CASE("a tree arrives as it was, without setuid bits") {
  const TempFolder from;
  const TempFolder to;
  fs::create_directories(from.path() / "lab/a/b");
  std::ofstream(from.path() / "lab/a/b/file") << std::string(200'000, 'x');
  fs::create_symlink("/etc/passwd", from.path() / "lab/link");
  ::chmod((from.path() / "lab/a").c_str(), 02750);
  REQUIRE(copy(from, to, kBounds).ok());
  CHECK(fs::file_size(to.path() / "lab/a/b/file") == 200'000);
  CHECK(fs::read_symlink(to.path() / "lab/link") == "/etc/passwd");
  CHECK(static_cast<unsigned>(fs::status(to.path() / "lab/a").permissions()) == 0750);
  CHECK(!copy(from, to, kBounds).ok());  // it exists
}

TEST_CASE("a bound that is passed is an error in the reader's words") {
  const TempFolder from;
  const TempFolder to;
  fs::create_directories(from.path() / "lab/a/b/c");
  std::ofstream(from.path() / "lab/file") << std::string(1000, 'x');
  const auto message_of = [&](const TreeBounds& bounds) {
    removeTree(to.fd(), "lab", ::geteuid());
    const Result<void> copied = copy(from, to, bounds);
    REQUIRE(!copied.ok());
    return copied.error().message();
  };
  CHECK(message_of({999, 100, 10}) == "lab/file: the files are too large together");
  CHECK(message_of({1000, 2, 10}).ends_with(": too many files"));
  CHECK(message_of({1000, 100, 3}) == "lab/a/b/c: folders are nested too deeply");
}

Result<void> receive(const std::string& bytes, const TempFolder& to) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd in(ends[0]);
  REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  ::close(ends[1]);
  RecordIn records(in.get());
  return receiveTree(to.fd(), kBounds, records);
}

std::string bytesOf(RecordHead head, const std::string& name, const std::string& text = "") {
  head.name_bytes = static_cast<std::uint32_t>(name.size());
  head.text_bytes = static_cast<std::uint32_t>(text.size());
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + name + text;
}

TEST_CASE("the writer takes no name from the reader that leads out of the folder") {
  const TempFolder to;
  RecordHead folder;
  folder.kind = RecordKind::kFolder;
  RecordHead leave;
  leave.kind = RecordKind::kLeave;
  RecordHead odd;
  odd.kind = static_cast<RecordKind>(77);
  RecordHead setuid = folder;
  setuid.mode = 04755;
  const std::string nonsense = "the process that reads the files sent nonsense";
  for (const std::string& bytes :
       {bytesOf(folder, ".."), bytesOf(folder, "a/b"), bytesOf(folder, "/tmp"), bytesOf(folder, ""),
        bytesOf(leave, ""), bytesOf(odd, "x"), bytesOf(setuid, "x"),
        bytesOf(folder, std::string(300, 'x'))}) {
    const Result<void> received = receive(bytes, to);
    REQUIRE(!received.ok());
    CHECK(received.error().message() == nonsense);
  }
  CHECK(!receive("", to).ok());
  CHECK(!receive(bytesOf(folder, "x").substr(0, 20), to).ok());
}

TEST_CASE("removing a tree follows no link and needs no depth") {
  const TempFolder folder;
  const TempFolder other;
  std::ofstream(other.path() / "keep") << "x";
  fs::path deep = folder.path() / "tree";
  for (int i = 0; i < 200; ++i) {
    fs::create_directories(deep / "file-beside");
    fs::create_symlink(other.path(), deep / "link");
    deep /= "d";
  }
  CHECK(removeTree(folder.fd(), "tree", ::geteuid()));
  CHECK(fs::is_empty(folder.path()));
  CHECK(fs::exists(other.path() / "keep"));
  CHECK(removeTree(folder.fd(), "not there", ::geteuid()));
}

}  // namespace
}  // namespace tango::autodriver
