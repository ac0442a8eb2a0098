#include "autodriver/run_follower.hpp"

#include <algorithm>

namespace tango::autodriver {

using base::Deadline;
using base::Result;
using base::SteadyClock;

std::array<pollfd, 2> RunFollower::awaited() const {
  // Room is waited for only where a reply could not be sent as a whole.
  return {pollfd{service_.in(), POLLIN, 0},
          pollfd{reply_.empty() ? -1 : service_.out(), POLLOUT, 0}};
}

Deadline RunFollower::nextLook() const {
  return reply_.empty() ? std::min(service_.leaseEnd(), preview_.due()) : service_.leaseEnd();
}

Result<void> RunFollower::look() {
  if (Result<void> taken = service_.takeBeats(); !taken) {
    return taken;
  }
  if (SteadyClock::now() >= service_.leaseEnd()) {
    return service_.leaseEnded();
  }
  return tell();
}

Result<void> RunFollower::tell() {
  for (;;) {
    if (reply_.empty()) {
      reply_ = preview_.next(SteadyClock::now());
      sent_ = 0;
    }
    if (reply_.empty()) {
      return {};
    }
    const Result<std::size_t> sent = service_.sendSome(std::string_view(reply_).substr(sent_));
    if (!sent) {
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
  while (told && !preview_.headTold()) {
    told = service_.send(preview_.next(SteadyClock::now()));
  }
  return told;
}

}  // namespace tango::autodriver
