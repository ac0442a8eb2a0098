#include "autodriver/drive_client.hpp"

#include <array>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "drive/report_reader.hpp"
#include "drive/tree_stream.hpp"

namespace tango::test {
namespace {

using drive::RecordHead;
using drive::RecordKind;
using drive::Tell;

constexpr int kPatienceMs = 60'000;

}  // namespace

std::string streamOf(const Files& files) {
  std::string stream;
  for (const auto& [name, content] : files) {
    RecordHead head;
    head.kind = RecordKind::kFile;
    head.mode = 0644;
    head.mtime_s = 1'000'000'000;
    drive::appendRecord(stream, head, name, "");
    for (std::size_t at = 0; at < content.size(); at += drive::kChunkBytes) {
      drive::appendChunk(stream, std::string_view(content).substr(at, drive::kChunkBytes));
    }
    drive::appendChunk(stream, "");
  }
  drive::appendRecord(stream, {}, "", "");
  return stream;
}

Files recipeFiles(const std::string& recipe) {
  return {{"Makefile", "all:\n\t@" + recipe + "\n"}};
}

StreamPair makeStream() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

void DriveClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(to_.get(), bytes.data(), bytes.size());
    REQUIRE(n > 0);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void DriveClient::ask(drive::Ask ask) {
  drive::Request request;
  request.ask = ask;
  send({reinterpret_cast<const char*>(&request), sizeof request});
}

void DriveClient::askRun(const model::RunLimits& limits) {
  const drive::Request request = drive::runRequest(limits);
  send({reinterpret_cast<const char*>(&request), sizeof request});
}

Reply DriveClient::reply() {
  const auto read_all = [&](void* to, std::size_t size) {
    for (std::size_t have = 0; have < size;) {
      pollfd one{from_.get(), POLLIN, 0};
      REQUIRE_MESSAGE(::poll(&one, 1, kPatienceMs) == 1, "no reply came");
      const ssize_t n = ::read(from_.get(), static_cast<char*>(to) + have, size - have);
      REQUIRE_MESSAGE(n > 0, "it ended: ", lastWord());
      have += static_cast<std::size_t>(n);
    }
  };
  drive::ReplyHead head;
  read_all(&head, sizeof head);
  REQUIRE(head.size <= drive::kPayloadMax);
  Reply reply{head.tell, std::string(head.size, '\0')};
  read_all(reply.payload.data(), reply.payload.size());
  return reply;
}

void DriveClient::waitReady() {
  const Reply ready = reply();
  REQUIRE_MESSAGE(ready.tell == Tell::kReady, ready.payload);
  REQUIRE(ready.payload == std::string("\x02\0\0\0", 4));
}

base::Error DriveClient::failure() {
  const Reply failed = reply();
  REQUIRE(failed.tell == Tell::kFailed);
  return drive::decodeFailure(failed.payload);
}

bool DriveClient::ended() {
  char byte = 0;
  pollfd one{from_.get(), POLLIN, 0};
  return ::poll(&one, 1, kPatienceMs) == 1 && ::read(from_.get(), &byte, 1) == 0;
}

std::optional<base::Error> DriveClient::giveStream(std::string_view stream) {
  ask(drive::Ask::kFiles);
  send(stream);
  const Reply answer = reply();
  if (answer.tell == Tell::kFailed) {
    return drive::decodeFailure(answer.payload);
  }
  REQUIRE(answer.tell == Tell::kDone);
  return std::nullopt;
}

std::optional<base::Error> DriveClient::giveFiles(const Files& files) {
  return giveStream(streamOf(files));
}

Served DriveClient::takeRun() {
  Served served;
  for (;;) {
    const Reply next = reply();
    if (next.tell == Tell::kLive) {
      const auto live = drive::decodeLive(next.payload);
      REQUIRE(live.ok());
      served.live.emplace_back(live->offset, live->bytes);
      continue;
    }
    if (next.tell == Tell::kFailed) {
      served.failure = drive::decodeFailure(next.payload);
      return served;
    }
    REQUIRE(next.tell == Tell::kOutcome);
    const auto outcome = drive::parseReport(next.payload);
    REQUIRE(outcome.ok());
    served.outcome = *outcome;
    return served;
  }
}

std::string DriveClient::takeOutput() {
  ask(drive::Ask::kOutput);
  std::string text;
  for (;;) {
    const Reply next = reply();
    if (next.tell != Tell::kText) {
      REQUIRE(next.tell == Tell::kDone);
      return text;
    }
    text += next.payload;
  }
}

Served DriveClient::serve(const std::string& recipe, const model::RunLimits& limits) {
  waitReady();
  REQUIRE(!giveFiles(recipeFiles(recipe)));
  askRun(limits);
  return takeRun();
}

}  // namespace tango::test
