#include "autodriver/service_end.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::systemError;
using drive::Ask;
using drive::Request;

Result<void> makeNonBlocking(int fd, const char* what) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return systemError(errno, what);
  }
  return {};
}

Error gone() {
  return {ErrorKind::kCancelled, "the service is gone"};
}

bool isBeat(const Request& request) {
  return request.ask == Ask::kBeat;
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

Error ServiceEnd::leaseEnded() const {
  return {ErrorKind::kTimeout,
          "no word from the service for " + std::to_string(lease_.count() / 1000) + " seconds"};
}

Result<void> ServiceEnd::waitFor(int fd, short events, Deadline deadline) const {
  std::array<pollfd, 2> fds = {pollfd{fd, events, 0}, pollfd{stop_->fd(), POLLIN, 0}};
  if (pollUntil(fds.data(), fds.size(), deadline) <= 0) {
    return leaseEnded();
  }
  return fds[1].revents != 0 ? Result<void>(stop_->stopped()) : Result<void>();
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

Result<Request> ServiceEnd::nextRequest() {
  for (;;) {
    const Result<bool> whole = readRequest();
    if (!whole) {
      return whole.error();
    }
    Request request;
    std::memcpy(&request, request_.data(), sizeof request);
    if (*whole && !isBeat(request)) {
      return request;
    }
    if (!*whole) {
      if (const Result<void> more = waitFor(in_, POLLIN, lease_end_); !more) {
        return more.error();
      }
    }
  }
}

Result<void> ServiceEnd::takeBeats() {
  for (;;) {
    const Result<bool> whole = readRequest();
    if (!whole || !*whole) {
      return whole ? Result<void>() : whole.error();
    }
    Request request;
    std::memcpy(&request, request_.data(), sizeof request);
    if (!isBeat(request)) {
      return Error(ErrorKind::kCancelled, "the service asked for more while a job runs");
    }
  }
}

Error ServiceEnd::passOver() {
  std::vector<char> buffer(drive::kPayloadMax);
  const Deadline end = base::after(lease_);
  for (;;) {
    if (const Result<void> more = waitFor(in_, POLLIN, end); !more) {
      return more.error();
    }
    const ssize_t n = ::read(in_, buffer.data(), buffer.size());
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      return gone();
    }
    if (base::SteadyClock::now() >= end) {
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
