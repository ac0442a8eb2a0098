#include "drive/messages.hpp"

#include <cstring>
#include <limits>
#include <string>

#include <doctest/doctest.h>

namespace tango::drive {
namespace {

using base::Error;
using base::ErrorKind;

// The head of a reply; its payload is the rest.
ReplyHead headOf(const std::string& reply) {
  ReplyHead head;
  REQUIRE(reply.size() >= sizeof head);
  std::memcpy(&head, reply.data(), sizeof head);
  REQUIRE(reply.size() == sizeof head + head.size);
  return head;
}

std::string_view payloadOf(const std::string& reply) {
  return std::string_view(reply).substr(sizeof(ReplyHead));
}

TEST_CASE("a run's limits arrive as they were asked for") {
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(1500);
  limits.cpu_time = std::chrono::milliseconds(7);
  limits.processes = 3;
  limits.file_size_bytes = 4;
  limits.output_bytes = 5;
  limits.open_files = 6;
  const Request request = runRequest(limits);
  CHECK(request.ask == Ask::kRun);
  const model::RunLimits read = limitsOf(request);
  CHECK(read.wall_time == limits.wall_time);
  CHECK(read.cpu_time == limits.cpu_time);
  CHECK(read.processes == 3);
  CHECK(read.file_size_bytes == 4);
  CHECK(read.output_bytes == 5);
  CHECK(read.open_files == 6);
}

TEST_CASE("a time beyond all clocks is one that clocks can count to") {
  Request request;
  request.wall_time_ms = std::numeric_limits<std::uint64_t>::max();
  request.cpu_time_ms = request.wall_time_ms;
  CHECK(limitsOf(request).wall_time == std::chrono::milliseconds(1'000'000'000'000));
  CHECK(limitsOf(request).cpu_time == limitsOf(request).wall_time);
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(-1);
  CHECK(runRequest(limits).wall_time_ms == 0);
}

TEST_CASE("a reply is its head and its payload") {
  const std::string reply = encodeReply(Tell::kText, "abc");
  CHECK(headOf(reply).tell == Tell::kText);
  CHECK(payloadOf(reply) == "abc");
  CHECK(headOf(encodeReply(Tell::kDone)).size == 0);
}

TEST_CASE("a failure keeps its kind and its words, but no more than fit") {
  for (const ErrorKind kind :
       {ErrorKind::kInvalid, ErrorKind::kNotFound, ErrorKind::kExists, ErrorKind::kUnsupported,
        ErrorKind::kTooLarge, ErrorKind::kTimeout, ErrorKind::kCancelled, ErrorKind::kSystem}) {
    const std::string reply = encodeFailure(Error(kind, "why"));
    CHECK(headOf(reply).tell == Tell::kFailed);
    const Error read = decodeFailure(payloadOf(reply));
    CHECK(read.kind() == kind);
    CHECK(read.message() == "why");
  }
  const std::string reply = encodeFailure(Error(ErrorKind::kInvalid, std::string(100'000, 'x')));
  CHECK(headOf(reply).size == kPayloadMax);
  CHECK(decodeFailure(payloadOf(reply)).message() == std::string(kPayloadMax - 1, 'x'));
}

TEST_CASE("a failure that is none is our own") {
  for (const std::string& payload : {std::string(), std::string("\x08xyz"), std::string("\xff")}) {
    CHECK(decodeFailure(payload).kind() == ErrorKind::kSystem);
    CHECK(decodeFailure(payload).message() == "autodriver failed, and does not say why");
  }
  CHECK(decodeFailure(std::string(1, '\0')).kind() == ErrorKind::kInvalid);
}

TEST_CASE("live output says where it stands") {
  const std::uint64_t far = std::uint64_t{1} << 40;
  const std::string reply = encodeLive(far, "out");
  CHECK(headOf(reply).tell == Tell::kLive);
  const base::Result<LiveOutput> live = decodeLive(payloadOf(reply));
  REQUIRE(live.ok());
  CHECK(live->offset == far);
  CHECK(live->bytes == "out");
  CHECK(decodeLive(std::string(8, '\0'))->bytes.empty());
  CHECK(!decodeLive(std::string(7, '\0')).ok());
  CHECK(!decodeLive("").ok());
}

}  // namespace
}  // namespace tango::drive
