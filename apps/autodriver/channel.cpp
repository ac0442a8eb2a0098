#include "autodriver/channel.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/socket.h>

namespace tango::autodriver {
namespace {

template <class Message>
bool sendMessage(int fd, const Message& message) {
  return ::send(fd, &message, sizeof message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof message);
}

template <class Message>
std::optional<Message> takeMessage(int fd) {
  Message message{};
  ssize_t n = 0;
  do {
    n = ::recv(fd, &message, sizeof message, 0);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof message) ? std::optional(message) : std::nullopt;
}

}  // namespace

Note Note::failed(const base::Error& error) {
  const std::string& text = error.message();
  Note note;
  note.kind = Kind::kFailed;
  note.error_kind = error.kind();
  std::copy_n(text.begin(), std::min(text.size(), note.text.size() - 1), note.text.begin());
  return note;
}

base::Error Note::error() const {
  return {error_kind, text.data()};
}

Result<std::pair<UniqueFd, UniqueFd>> makeChannel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return base::systemError(errno, "make a socket pair");
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

bool sendCommand(int fd, Command command) {
  return sendMessage(fd, command);
}

std::optional<Command> takeCommand(int fd) {
  return takeMessage<Command>(fd);
}

bool sendNote(int fd, const Note& note) {
  return sendMessage(fd, note);
}

std::optional<Note> takeNote(int fd) {
  return takeMessage<Note>(fd);
}

}  // namespace tango::autodriver
