#include "autodriver/run_follower.hpp"

#include <algorithm>
#include <optional>

namespace tango::autodriver {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::SteadyClock;
using drive::Request;

std::array<pollfd, 3> RunFollower::awaited() const {
  // Room is waited for only where a reply could not be sent as a whole.
  return {pollfd{service_.in(), POLLIN, 0},
          pollfd{reply_.empty() ? -1 : service_.out(), POLLOUT, 0},
          pollfd{service_.listener(), POLLIN, 0}};
}

Deadline RunFollower::nextLook() const {
  return reply_.empty() && isAwaited() ? std::min(service_.leaseEnd(), preview_.due())
                                       : service_.leaseEnd();
}

Result<void> RunFollower::look() {
  if (service_.listens() && service_.takeConnection()) {
    reply_ = drive::encodeReady();
    sent_ = 0;
    asked_ = false;
  }
  if (Result<void> taken = takeRequests(); !taken && !service_.isCut()) {
    return taken;
  }
  if (SteadyClock::now() >= service_.leaseEnd()) {
    return service_.leaseEnded();
  }
  Result<void> told = tell();
  return service_.isCut() ? Result<void>() : told;
}

Result<void> RunFollower::takeRequests() {
  for (;;) {
    const Result<std::optional<Request>> request = service_.takeRequest();
    if (!request || !*request) {
      return request ? Result<void>() : request.error();
    }
    if (asked_ || (*request)->ask != drive::Ask::kRun) {
      // One that listens tells it to the service, which may come again.
      return Error(service_.listens() ? ErrorKind::kInvalid : ErrorKind::kCancelled,
                   "the service asked for more while a job runs");
    }
    asked_ = true;
    preview_.restart();
  }
}

Result<void> RunFollower::tell() {
  for (;;) {
    if (reply_.empty() && isAwaited()) {
      reply_ = preview_.next(SteadyClock::now());
      sent_ = 0;
    }
    if (reply_.empty()) {
      return {};
    }
    const Result<std::size_t> sent = service_.sendSome(std::string_view(reply_).substr(sent_));
    if (!sent) {
      reply_.clear();
      return sent.error();
    }
    sent_ += *sent;
    if (sent_ < reply_.size()) {
      return {};
    }
    reply_.clear();
  }
}

Result<void> RunFollower::finish() {
  Result<void> told = service_.send(std::string_view(reply_).substr(sent_));
  while (told && isAwaited() && !preview_.headTold()) {
    told = service_.send(preview_.next(SteadyClock::now()));
  }
  return service_.isCut() ? Result<void>() : told;
}

}  // namespace tango::autodriver
