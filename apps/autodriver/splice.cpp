#include "autodriver/splice.hpp"

#include <array>
#include <cerrno>
#include <cstddef>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "autodriver/pipe.hpp"

namespace tango::autodriver {
namespace {

using base::Deadline;
using base::Result;

constexpr short kBroken = POLLERR | POLLHUP | POLLNVAL;

bool isForNow(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EINTR);
}

// One direction; it holds what was read until it is written.
class Flow {
 public:
  [[nodiscard]] bool wantsToRead() const { return !ended_ && begin_ == end_; }
  [[nodiscard]] bool wantsToWrite() const { return begin_ != end_; }
  /// Nothing more comes, and all that came has gone.
  [[nodiscard]] bool isOver() const { return ended_ && begin_ == end_; }

  void read(int from) {
    const ssize_t n = ::read(from, bytes_.data(), bytes_.size());
    if (n > 0) {
      begin_ = 0;
      end_ = static_cast<std::size_t>(n);
    } else if (!isForNow(n)) {
      ended_ = true;
    }
  }
  void write(int to) {
    const ssize_t n = ::write(to, bytes_.data() + begin_, end_ - begin_);
    if (n > 0) {
      begin_ += static_cast<std::size_t>(n);
    } else if (!isForNow(n)) {
      ended_ = true;
      begin_ = end_;
    }
  }

 private:
  std::array<char, std::size_t{64} * 1024> bytes_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<void> joinStreams(int in, int out, int socket, const StopSignals& stop) {
  for (const int fd : {in, out}) {
    if (Result<void> set = makeNonBlocking(fd, "a standard stream"); !set) {
      return set;
    }
  }
  Flow up;
  Flow down;
  bool end_told = false;
  while (!down.isOver()) {
    if (up.isOver() && !end_told) {
      ::shutdown(socket, SHUT_WR);
      end_told = true;
    }
    const auto on_socket =
        static_cast<short>((down.wantsToRead() ? POLLIN : 0) | (up.wantsToWrite() ? POLLOUT : 0));
    std::array<pollfd, 4> fds = {
        pollfd{up.wantsToRead() ? in : -1, POLLIN, 0},
        pollfd{on_socket != 0 ? socket : -1, on_socket, 0},
        pollfd{out, static_cast<short>(down.wantsToWrite() ? POLLOUT : 0), 0},
        pollfd{stop.fd(), POLLIN, 0}};
    pollUntil(fds.data(), fds.size(), Deadline::max());
    if (fds[3].revents != 0) {
      return stop.stopped();
    }
    if ((fds[2].revents & kBroken) != 0) {
      return {};
    }
    if (fds[0].revents != 0) {
      up.read(in);
    }
    if (up.wantsToWrite() && (fds[1].revents & (POLLOUT | kBroken)) != 0) {
      up.write(socket);
    }
    if (down.wantsToRead() && (fds[1].revents & (POLLIN | kBroken)) != 0) {
      down.read(socket);
    }
    if (down.wantsToWrite() && fds[2].revents != 0) {
      down.write(out);
    }
  }
  return {};
}

}  // namespace tango::autodriver
