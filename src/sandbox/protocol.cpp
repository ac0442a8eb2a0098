#include "sandbox/protocol.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <sys/socket.h>
#include <sys/uio.h>

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

// Room for one descriptor beside a packet, aligned as cmsg(3) asks.
union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

// Takes in all descriptors, so that none is left open: the kernel also puts a second one into the
// padding of the room for one.
std::vector<UniqueFd> takeFds(msghdr& packet) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* c = CMSG_FIRSTHDR(&packet); c != nullptr; c = CMSG_NXTHDR(&packet, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, reinterpret_cast<const char*>(c) + at, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<SocketPair> makeSocketPair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return systemError(errno, "make a socket pair");
  }
  return SocketPair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<void> sendMessage(int socket, MessageType type, std::string_view body, int fd,
                         bool* would_block) {
  auto type_value = static_cast<std::uint32_t>(type);
  std::array<iovec, 2> parts{};
  parts[0] = {&type_value, sizeof type_value};
  parts[1] = {const_cast<char*>(body.data()), body.size()};  // sendmsg only reads
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  Control control{};
  if (fd >= 0) {
    packet.msg_control = control.bytes.data();
    packet.msg_controllen = control.bytes.size();
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  }
  while (::sendmsg(socket, &packet, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) {
      continue;
    }
    if (would_block != nullptr) {
      *would_block = errno == EAGAIN;
    }
    return systemError(errno, "send a packet");
  }
  return {};
}

Result<std::optional<Message>> receiveMessage(int socket, bool* would_block) {
  static thread_local std::array<char, kPacketBytesMax> buffer;
  std::uint32_t type_value = 0;
  std::array<iovec, 2> parts{};
  parts[0] = {&type_value, sizeof type_value};
  parts[1] = {buffer.data(), buffer.size()};
  Control control{};
  msghdr packet{};
  packet.msg_iov = parts.data();
  packet.msg_iovlen = parts.size();
  packet.msg_control = control.bytes.data();
  packet.msg_controllen = control.bytes.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    // A peer that died with packets of ours unread shows as a reset: it is gone just the same.
    if (errno == ECONNRESET) {
      return std::optional<Message>();
    }
    if (would_block != nullptr) {
      *would_block = errno == EAGAIN;
    }
    return systemError(errno, "receive a packet");
  }
  std::vector<UniqueFd> fds = takeFds(packet);
  if (size == 0) {
    return std::optional<Message>();
  }
  // There was room for one: this process may have no more files open, which passes.
  if ((packet.msg_flags & MSG_CTRUNC) != 0 && fds.empty()) {
    return systemError(EMFILE, "receive a packet's descriptor");
  }
  if (static_cast<std::size_t>(size) < sizeof type_value ||
      (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return Error(ErrorKind::kInvalid, "a packet is cut short");
  }
  if (fds.size() > 1) {
    return Error(ErrorKind::kInvalid, "a packet brings more than one descriptor");
  }
  Message message;
  message.type = static_cast<MessageType>(type_value);
  message.body.assign(buffer.data(), static_cast<std::size_t>(size) - sizeof type_value);
  message.fd = fds.empty() ? UniqueFd() : std::move(fds.front());
  return std::optional<Message>(std::move(message));
}

}  // namespace tango::sandbox
