// What comes to an autodriver that stands by, from a service or from whoever has its place:
// requests, and behind kFiles a tree of files. It ends by itself, and no request is made of bytes
// of another.
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "autodriver/service_end.hpp"
#include "base/assert.hpp"
#include "base/write_all.hpp"
#include "drive/tree_stream.hpp"

namespace {

using namespace tango;
using base::UniqueFd;
using drive::RecordKind;

constexpr base::Millis kLease{60'000};
// Less than a socket's buffer: nobody reads while we write.
constexpr std::size_t kBytesMax = 64 * 1024;

bool passFile(drive::RecordIn& in) {
  for (;;) {
    const auto chunk = in.takeChunk();
    if (!chunk || chunk->empty()) {
      return chunk.ok();
    }
  }
}

bool passFiles(int fd) {
  drive::RecordIn in(fd, kLease);
  for (;;) {
    const auto record = in.take();
    if (!record || (record->head.kind == RecordKind::kFile && !passFile(in))) {
      return false;
    }
    if (record->head.kind == RecordKind::kDone || record->head.kind == RecordKind::kFailed) {
      return true;
    }
  }
}

void checkLimits(const drive::Request& request) {
  const model::RunLimits limits = drive::limitsOf(request);
  TANGO_ASSERT(limits.wall_time.count() >= 0 && limits.cpu_time.count() >= 0, "a negative time");
  const drive::Request same = drive::runRequest(limits);
  TANGO_ASSERT(drive::limitsOf(same).wall_time == limits.wall_time &&
                   drive::limitsOf(same).cpu_time == limits.cpu_time &&
                   same.processes == request.processes && same.open_files == request.open_files,
               "limits change on their way");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kBytesMax) {
    return 0;
  }
  static const auto stop = autodriver::StopSignals::open();
  std::array<int, 2> ends{};
  TANGO_ASSERT(stop.ok() && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0,
               "the kernel gives what the target needs");
  const UniqueFd service(ends[0]);
  const UniqueFd ours(ends[1]);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  TANGO_ASSERT(base::writeAll(service.get(), bytes).ok(), "a socket takes all of it");
  ::shutdown(service.get(), SHUT_WR);
  auto end = autodriver::ServiceEnd::open(ours.get(), ours.get(), kLease, *stop);
  TANGO_ASSERT(end.ok(), "a socket can be made not to block");
  std::size_t requests = 0;
  for (auto request = end->nextRequest(); request; request = end->nextRequest()) {
    ++requests;
    TANGO_ASSERT(requests * sizeof(drive::Request) <= size, "a request out of nothing");
    TANGO_ASSERT(request->ask != drive::Ask::kBeat, "a beat is nobody's request");
    if (request->ask == drive::Ask::kFiles && !passFiles(ours.get())) {
      break;
    }
    checkLimits(*request);
  }
  return 0;
}
