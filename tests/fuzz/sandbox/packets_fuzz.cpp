// A packet as a grader may send it to the privileged process that runs its student's command, with
// any number of descriptors beside it: the first byte says how many. No descriptor is left over,
// and what any body is taken for, it was.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "sandbox/protocol.hpp"
#include "sandbox/student/messages.hpp"

namespace {

using namespace tango::sandbox;
using tango::base::Result;
using tango::base::UniqueFd;

constexpr std::size_t kFdsMax = 3;

void sendRaw(int socket, std::string_view packet, std::size_t fds) {
  iovec part{const_cast<char*>(packet.data()), packet.size()};  // sendmsg only reads
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kFdsMax * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fds > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(fds * sizeof(int));
    std::array<int, kFdsMax> sent{};
    sent.fill(socket);
    std::memcpy(CMSG_DATA(head), sent.data(), fds * sizeof(int));
  }
  TANGO_ASSERT(::sendmsg(socket, &message, 0) == static_cast<ssize_t>(packet.size()),
               "a socket takes a small packet");
}

// Every descriptor below it is in use.
int lowestFree() {
  const UniqueFd next(::dup(STDERR_FILENO));
  return next.get();
}

template <class Value>
void checkBody(std::string_view body, Result<Value> (&decode)(std::string_view)) {
  const Result<Value> value = decode(body);
  TANGO_ASSERT(!value || encode(*value) == body, "taken for what it is not");
}

void checkBodies(std::string_view body) {
  checkBody(body, decodeSlotSpec);
  checkBody(body, decodeJobLimits);
  checkBody(body, decodeJobEnd);
  checkBody(body, decodeCgroupUsage);
  checkBody(body, decodeFileHeader);
  checkBody(body, decodeStudentRequest);
  static_cast<void>(decodeStudentEnd(body).ok());
  const Result<std::uint64_t> number = decodeNumber(body);
  TANGO_ASSERT(!number || encodeNumber(*number) == body, "taken for a number");
  const tango::base::Error error = decodeError(body);
  TANGO_ASSERT(encode(decodeError(encode(error))) == encode(error), "an error becomes another");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > kPacketBytesMax) {
    return 0;
  }
  const std::size_t fds = data[0] % (kFdsMax + 1);
  const std::string_view packet(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Result<SocketPair> pair = makeSocketPair();
  TANGO_ASSERT(pair.ok(), "the kernel gives sockets");
  const int before = lowestFree();
  sendRaw(pair->first.get(), packet, fds);
  {
    const auto message = receiveMessage(pair->second.get());
    TANGO_ASSERT(!message || message->has_value(), "a packet is not an end");
    TANGO_ASSERT(message.ok() == (packet.size() >= sizeof(MessageType) && fds <= 1),
                 "a packet with a type and at most one descriptor is what is taken");
    TANGO_ASSERT(!message || static_cast<bool>((*message)->fd) == (fds == 1),
                 "the descriptor comes with it");
    if (message) {
      checkBodies((*message)->body);
    }
  }
  TANGO_ASSERT(lowestFree() == before, "a descriptor is left over");
  return 0;
}
