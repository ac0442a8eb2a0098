#include "vmms/sandbox/packet_channel.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "vmms/call.hpp"

namespace tango::vmms {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using boost::asio::posix::stream_descriptor;
using sandbox::Message;
using sandbox::MessageType;

constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

Error gone() {
  return {ErrorKind::kSystem, "the sandbox died"};
}

Result<Message> unpack(Result<std::optional<Message>> received) {
  if (!received) {
    return received.error();
  }
  if (!received->has_value()) {
    return gone();
  }
  Message message = std::move(**received);
  if (message.type == MessageType::kFailed) {
    return sandbox::decodeError(message.body);
  }
  return message;
}

}  // namespace

PacketChannel::PacketChannel(const boost::asio::any_io_executor& executor, base::UniqueFd socket)
    : socket_(executor, socket.release()), deadline_(executor, [this] { socket_.cancel(); }) {
  socket_.non_blocking(true);
}

awaitable<Result<void>> PacketChannel::send(MessageType type, std::string body, int fd) {
  while (socket_.is_open()) {
    bool would_block = false;
    Result<void> sent = sandbox::sendMessage(socket_.native_handle(), type, body, fd, &would_block);
    if (sent || !would_block) {
      co_return sent;
    }
    const auto [failure] = co_await socket_.async_wait(stream_descriptor::wait_write, kTuple);
    if (failure) {
      break;
    }
  }
  co_return destroyedError();
}

bool PacketChannel::trySend(MessageType type) {
  return socket_.is_open() && sandbox::sendMessage(socket_.native_handle(), type).ok();
}

awaitable<Result<Message>> PacketChannel::receive(base::Deadline deadline) {
  deadline_.setAt(deadline);
  while (socket_.is_open()) {
    bool would_block = false;
    Result<std::optional<Message>> message =
        sandbox::receiveMessage(socket_.native_handle(), &would_block);
    if (!would_block) {
      deadline_.clear();
      co_return unpack(std::move(message));
    }
    if (deadline_.passed()) {
      co_return Error(ErrorKind::kTimeout, "no answer from the sandbox in time");
    }
    // Cancelled by the deadline, it looks once more: what came together with it is not lost.
    const auto [failure] = co_await socket_.async_wait(stream_descriptor::wait_read, kTuple);
    if (failure && !deadline_.passed()) {
      break;
    }
  }
  deadline_.clear();
  co_return destroyedError();
}

bool PacketChannel::alive() {
  pollfd socket{socket_.native_handle(), 0, 0};  // POLLHUP needs no asking for
  return socket_.is_open() && ::poll(&socket, 1, 0) == 0;
}

bool PacketChannel::hasMessage() {
  pollfd socket{socket_.native_handle(), POLLIN, 0};
  return socket_.is_open() && ::poll(&socket, 1, 0) > 0 && (socket.revents & POLLIN) != 0;
}

void PacketChannel::finishSending() {
  if (socket_.is_open()) {
    ::shutdown(socket_.native_handle(), SHUT_WR);
  }
}

void PacketChannel::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace tango::vmms
