#include "vmms/remote/ssh_stream.hpp"

#include <array>
#include <cerrno>
#include <tuple>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "vmms/remote/shell_commands.hpp"

namespace tango::vmms::remote {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using boost::asio::buffer;

constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::size_t kAnswerMax = 64 * 1024;

std::string inWordsOf(const ssh::SshConnection& connection, std::string message) {
  const std::string words = connection.lastWords();
  return words.empty() ? message : message + ": " + words;
}

// A command that reads no more is no trouble by itself: what it says tells why.
awaitable<void> feed(ssh::LocalSocket& socket, std::string input) {
  co_await boost::asio::async_write(socket, buffer(input), kAsTuple);
  boost::system::error_code ignored;
  socket.shutdown(ssh::LocalSocket::shutdown_send, ignored);
}

awaitable<std::string> hear(ssh::LocalSocket& socket) {
  std::string said;
  std::array<char, 4096> room{};
  for (;;) {
    const auto read = co_await socket.async_read_some(buffer(room), kAsTuple);
    if (std::get<0>(read) || said.size() >= kAnswerMax) {
      co_return said;
    }
    said.append(room.data(), std::get<1>(read));
  }
}

}  // namespace

bool SshLine::hasEnded() {
  if (!ended_) {
    char next = 0;
    const ssize_t seen =
        ::recv(socket_.native_handle(), &next, sizeof next, MSG_PEEK | MSG_DONTWAIT);
    ended_ = seen == 0 || (seen < 0 && errno != EAGAIN && errno != EINTR);
  }
  return ended_;
}

Error SshLine::end() {
  ended_ = true;
  if (closed_) {
    return {ErrorKind::kCancelled, "the connection was given up"};
  }
  return {ErrorKind::kSystem, inWordsOf(*connection_, "the connection to autodriver ended")};
}

void SshLine::close() {
  closed_ = true;
  ended_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

awaitable<Result<void>> SshStream::write(std::string_view bytes) {
  const auto written = co_await boost::asio::async_write(line_->socket_, buffer(bytes), kAsTuple);
  co_return std::get<0>(written) ? line_->end() : Result<void>();
}

awaitable<Result<std::size_t>> SshStream::readSome(char* room, std::size_t size) {
  const auto read = co_await line_->socket_.async_read_some(buffer(room, size), kAsTuple);
  if (std::get<0>(read)) {
    co_return line_->end();
  }
  co_return std::get<1>(read);
}

awaitable<Result<std::string>> answerTo(ConnectionPtr connection, std::string command,
                                        std::string input) {
  using namespace boost::asio::experimental::awaitable_operators;
  Result<ssh::LocalSocket> socket = co_await connection->open(std::move(command));
  if (!socket) {
    co_return socket.error();
  }
  std::string said = co_await (feed(*socket, std::move(input)) && hear(*socket));
  if (said.empty()) {
    co_return Error(ErrorKind::kSystem, inWordsOf(*connection, "the machine did not answer"));
  }
  co_return said;
}

awaitable<Result<void>> carriedOut(ConnectionPtr connection, std::string command,
                                   std::string input) {
  const Result<std::string> said =
      co_await answerTo(connection, std::move(command), std::move(input));
  if (!said) {
    co_return said.error();
  }
  if (!said->ends_with(std::string(kDone) + "\n")) {
    co_return Error(ErrorKind::kSystem, inWordsOf(*connection, *said));
  }
  co_return Result<void>();
}

}  // namespace tango::vmms::remote
