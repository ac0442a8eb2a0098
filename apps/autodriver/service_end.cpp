#include "autodriver/service_end.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "autodriver/pipe.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using drive::Ask;
using drive::Request;

bool isBeat(const Request& request) {
  return request.ask == Ask::kBeat;
}

// One that was never spoken to must not take its end for that of autodriver.
void dismiss(const UniqueFd& connection) {
  if (connection) {
    const std::string word = drive::encodeFailure(
        {ErrorKind::kCancelled, "a newer connection has taken the place of this one"});
    ::send(connection.get(), word.data(), word.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
}

}  // namespace

Result<ServiceEnd> ServiceEnd::open(int in, int out, Millis lease, const StopSignals& stop) {
  if (const Result<void> set = makeNonBlocking(in, "the standard input"); !set) {
    return set.error();
  }
  if (const Result<void> set = makeNonBlocking(out, "the standard output"); !set) {
    return set.error();
  }
  return ServiceEnd(in, out, lease, stop);
}

ServiceEnd ServiceEnd::listening(UniqueFd listener, Millis lease, const StopSignals& stop) {
  ServiceEnd end(-1, -1, lease, stop);
  end.listener_ = std::move(listener);
  end.cut_ = true;
  return end;
}

Error ServiceEnd::gone() {
  if (listens()) {
    connection_.reset();
    in_ = -1;
    out_ = -1;
    cut_ = true;
  }
  return {ErrorKind::kCancelled, "the service is gone"};
}

bool ServiceEnd::takeConnection() {
  UniqueFd newest;
  for (;;) {
    UniqueFd next(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!next && errno != EINTR) {
      break;
    }
    if (next) {
      dismiss(newest);
      newest = std::move(next);
    }
  }
  if (!newest) {
    return false;
  }
  connection_ = std::move(newest);
  in_ = connection_.get();
  out_ = in_;
  have_ = 0;
  cut_ = false;
  return true;
}

Result<void> ServiceEnd::awaitConnection() {
  while (!takeConnection()) {
    std::array<pollfd, 2> fds = {pollfd{listener_.get(), POLLIN, 0},
                                 pollfd{stop_->fd(), POLLIN, 0}};
    if (pollUntil(fds.data(), fds.size(), lease_end_) <= 0) {
      return leaseEnded();
    }
    if (fds[1].revents != 0) {
      return stop_->stopped();
    }
  }
  return {};
}

Error ServiceEnd::leaseEnded() const {
  return {ErrorKind::kTimeout,
          "no word from the service for " + std::to_string(lease_.count() / 1000) + " seconds"};
}

Result<void> ServiceEnd::waitFor(int fd, short events, Deadline deadline) {
  std::array<pollfd, 3> fds = {pollfd{fd, events, 0}, pollfd{stop_->fd(), POLLIN, 0},
                               pollfd{listener_.get(), POLLIN, 0}};
  if (pollUntil(fds.data(), fds.size(), deadline) <= 0) {
    return leaseEnded();
  }
  if (fds[1].revents != 0) {
    return stop_->stopped();
  }
  return fds[2].revents != 0 ? Result<void>(gone()) : Result<void>();
}

Result<void> ServiceEnd::waitBeside(int fd) {
  return waitFor(fd, POLLIN, Deadline::max());
}

Result<bool> ServiceEnd::readRequest() {
  while (have_ < request_.size()) {
    const ssize_t n = ::read(in_, request_.data() + have_, request_.size() - have_);
    if (n > 0) {
      have_ += static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EAGAIN) {
      return false;
    } else if (n == 0 || errno != EINTR) {
      return gone();
    }
  }
  have_ = 0;
  lease_end_ = base::after(lease_);
  return true;
}

Result<std::optional<Request>> ServiceEnd::takeRequest() {
  for (;;) {
    const Result<bool> whole = readRequest();
    if (!whole) {
      return whole.error();
    }
    if (!*whole) {
      return std::optional<Request>();
    }
    Request request;
    std::memcpy(&request, request_.data(), sizeof request);
    if (!isBeat(request)) {
      return std::optional<Request>(request);
    }
  }
}

Result<Request> ServiceEnd::nextRequest() {
  for (;;) {
    const Result<std::optional<Request>> request = takeRequest();
    if (!request) {
      return request.error();
    }
    if (*request) {
      return **request;
    }
    if (const Result<void> more = waitFor(in_, POLLIN, lease_end_); !more) {
      return more.error();
    }
  }
}

Error ServiceEnd::passOver() {
  std::vector<char> buffer(drive::kPayloadMax);
  for (;;) {
    if (const Result<void> more = waitFor(in_, POLLIN, lease_end_); !more) {
      return more.error();
    }
    const ssize_t n = ::read(in_, buffer.data(), buffer.size());
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      return gone();
    }
    if (base::SteadyClock::now() >= lease_end_) {
      return leaseEnded();
    }
  }
}

Result<std::size_t> ServiceEnd::sendSome(std::string_view bytes) {
  for (;;) {
    const ssize_t n = ::write(out_, bytes.data(), bytes.size());
    if (n >= 0) {
      return static_cast<std::size_t>(n);
    }
    if (errno == EAGAIN) {
      return std::size_t{0};
    }
    if (errno != EINTR) {
      return gone();
    }
  }
}

Result<void> ServiceEnd::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const Result<std::size_t> sent = sendSome(bytes);
    if (!sent) {
      return sent.error();
    }
    bytes.remove_prefix(*sent);
    if (*sent == 0) {
      if (Result<void> room = waitFor(out_, POLLOUT, base::after(lease_)); !room) {
        return room;
      }
    }
  }
  return {};
}

}  // namespace tango::autodriver
