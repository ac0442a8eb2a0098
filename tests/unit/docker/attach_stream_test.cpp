#include "vmms/docker/attach_stream.hpp"

#include <array>

#include <doctest/doctest.h>

#include "support/run_on.hpp"
#include "unit/docker/scripted_stream.hpp"

using tango::base::ErrorKind;
using tango::base::Result;
using tango::test::runOn;
using tango::test::ScriptedStream;
using tango::vmms::docker::AttachStream;

namespace {

std::string frame(char stream, const std::string& bytes) {
  const std::size_t size = bytes.size();
  return std::string{stream,
                     0,
                     0,
                     0,
                     static_cast<char>(size >> 24),
                     static_cast<char>(size >> 16),
                     static_cast<char>(size >> 8),
                     static_cast<char>(size)} +
         bytes;
}

struct Read {
  std::string out;
  Result<std::size_t> end;
};

/// All of standard output, and how the stream ended.
Read readAll(const std::string& sends, std::size_t at_once) {
  boost::asio::io_context context;
  AttachStream stream(std::make_unique<ScriptedStream>(context.get_executor(), sends, at_once));
  std::string out;
  for (;;) {
    std::array<char, 64> room{};
    Result<std::size_t> got = runOn(context, stream.readSome(room.data(), room.size()));
    if (!got || *got == 0) {
      return {out, got};
    }
    out.append(room.data(), *got);
  }
}

}  // namespace

TEST_CASE("standard output is put together from its frames, however they arrive") {
  const std::string sends = frame(1, "one ") + frame(1, "") + frame(1, std::string(300, 'x'));
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, sends.size()}) {
    const Read read = readAll(sends, at_once);
    CHECK(read.out == "one " + std::string(300, 'x'));
    CHECK(read.end.ok());
  }
}

TEST_CASE("what came on standard error is the error with which the stream ends") {
  const Read read = readAll(frame(1, "out") + frame(2, "no such\nuser\n") + frame(1, "put"), 5);
  CHECK(read.out == "output");
  REQUIRE_FALSE(read.end.ok());
  CHECK(read.end.error().message() == "the container said: no such user");
}

TEST_CASE("of standard error only the end is kept") {
  const Read read = readAll(frame(2, std::string(100'000, 'x') + " the end"), 5000);
  REQUIRE_FALSE(read.end.ok());
  CHECK(read.end.error().message().size() < 600);
  CHECK(read.end.error().message().ends_with("the end"));
}

TEST_CASE("a stream may end in the middle of a frame, and a frame of no stream is an error") {
  CHECK(readAll(frame(1, "whole").substr(0, 10), 100).out == "wh");
  CHECK(readAll(frame(1, "").substr(0, 3), 100).end.ok());
  CHECK(readAll(frame(7, "?"), 100).end.error().kind() == ErrorKind::kSystem);
}
