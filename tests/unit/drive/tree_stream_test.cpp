#include "drive/tree_stream.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::drive {
namespace {

using base::UniqueFd;

UniqueFd fileWith(const std::string& bytes) {
  UniqueFd file(::memfd_create("stream", MFD_CLOEXEC));
  REQUIRE(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  REQUIRE(::lseek(file.get(), 0, SEEK_SET) == 0);
  return file;
}

std::string aFile(const std::string& name, const std::string& content) {
  RecordHead head;
  head.kind = RecordKind::kFile;
  head.mode = 0640;
  head.mtime_s = 12;
  std::string stream;
  appendRecord(stream, head, name, "");
  if (!content.empty()) {
    appendChunk(stream, content);
  }
  appendChunk(stream, "");
  return stream;
}

TEST_CASE("a stream that was put together in memory is read back, and no byte beyond it") {
  std::string stream = aFile("Makefile", "all:\n") + aFile("empty", "");
  RecordHead link;
  link.kind = RecordKind::kLink;
  appendRecord(stream, link, "link", "to");
  appendRecord(stream, {}, "", "");
  const std::size_t size = stream.size();
  const UniqueFd file = fileWith(stream + "what comes next");
  RecordIn in(file.get());
  const Result<Record> record = in.take();
  REQUIRE(record.ok());
  CHECK(record->head.kind == RecordKind::kFile);
  CHECK(record->head.mode == 0640);
  CHECK(record->head.mtime_s == 12);
  CHECK(record->name == "Makefile");
  CHECK(*in.takeChunk() == "all:\n");
  CHECK(in.takeChunk()->empty());
  CHECK(in.take()->name == "empty");
  CHECK(in.takeChunk()->empty());
  CHECK(in.take()->text == "to");
  CHECK(in.take()->head.kind == RecordKind::kDone);
  CHECK(::lseek(file.get(), 0, SEEK_CUR) == static_cast<off_t>(size));
}

TEST_CASE("what is written to a descriptor is what is put together in memory") {
  const UniqueFd file = fileWith("");
  RecordOut out(file.get());
  RecordHead head;
  head.kind = RecordKind::kFile;
  const std::string piece(kChunkBytes, 'x');
  std::string expected;
  out.put(head, "a", "");
  appendRecord(expected, head, "a", "");
  for (int i = 0; i < 3; ++i) {
    out.putChunk(piece);
    appendChunk(expected, piece);
  }
  REQUIRE(out.flush().ok());
  std::string written(expected.size() + 1, '\0');
  CHECK(::pread(file.get(), written.data(), written.size(), 0) ==
        static_cast<ssize_t>(expected.size()));
  written.pop_back();
  CHECK(written == expected);
}

TEST_CASE("a text that is too long for a record is cut") {
  std::string stream;
  RecordHead head;
  head.kind = RecordKind::kFailed;
  appendRecord(stream, head, "", std::string(kTextBytesMax + 1, 'x'));
  const UniqueFd file = fileWith(stream);
  RecordIn in(file.get());
  CHECK(in.take()->text == std::string(kTextBytesMax, 'x'));
}

TEST_CASE("lengths and kinds that no stream has are refused") {
  RecordHead head;
  head.kind = RecordKind::kFile;
  const auto refused = [&](const RecordHead& sent, const std::string& rest) {
    const UniqueFd file =
        fileWith(std::string(reinterpret_cast<const char*>(&sent), sizeof sent) + rest);
    RecordIn in(file.get());
    const Result<Record> record = in.take();
    return !record && record.error().message().ends_with("sent nonsense");
  };
  RecordHead bad = head;
  bad.name_bytes = 256;
  CHECK(refused(bad, std::string(256, 'x')));
  bad = head;
  bad.text_bytes = kTextBytesMax + 1;
  CHECK(refused(bad, ""));
  bad = head;
  bad.mode = 01000;
  CHECK(refused(bad, ""));
  bad = head;
  bad.kind = static_cast<RecordKind>(9);
  CHECK(refused(bad, ""));
  for (const std::string& name : {std::string(), std::string("."), std::string(".."),
                                  std::string("a/b"), std::string("a\0b", 3)}) {
    bad = head;
    bad.name_bytes = static_cast<std::uint32_t>(name.size());
    CHECK(refused(bad, name));
  }
  const UniqueFd file = fileWith(std::string("\x01\x00\x01\x00", 4));
  RecordIn in(file.get());
  CHECK(in.takeChunk().error().message().ends_with("sent nonsense"));
}

TEST_CASE("a stream that ends or stops too early is an error") {
  const std::string whole = aFile("a", "content");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const UniqueFd file = fileWith(whole.substr(0, size));
    RecordIn in(file.get());
    const Result<Record> record = in.take();
    const bool read = record.ok() && in.takeChunk().ok() && in.takeChunk().ok();
    CHECK(!read);
  }
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  RecordIn in(read_end.get(), base::Millis(1));
  CHECK(in.take().error().kind() == base::ErrorKind::kTimeout);
}

}  // namespace
}  // namespace tango::drive
