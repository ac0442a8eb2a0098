// The service's end, as an autodriver that stands by has it: requests come on one descriptor,
// replies go on another, and both are waited for no longer than the lease.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "autodriver/stop_signals.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "drive/messages.hpp"

namespace tango::autodriver {

/// Every error of it means the end of standing by: kTimeout (no request came for as long as the
/// lease, or no reply was taken) or kCancelled (told to stop, or the service is gone or confused).
class ServiceEnd {
 public:
  /// Makes both descriptors non-blocking; they and `stop` are borrowed.
  static Result<ServiceEnd> open(int in, int out, base::Millis lease, const StopSignals& stop);

  /// The next request but kBeat. Nothing is read beyond it.
  Result<drive::Request> nextRequest();
  /// Takes the beats that have come, without waiting. Something else is an error.
  Result<void> takeBeats();
  /// Passes over all that comes, until it ends as any error of this class says.
  base::Error passOver();

  /// Sends all of `bytes`; waits for as long as the lease for each piece of it to be taken.
  Result<void> send(std::string_view bytes);
  /// Sends as much of `bytes` as is taken at once; how much that was.
  Result<std::size_t> sendSome(std::string_view bytes);

  [[nodiscard]] int in() const { return in_; }
  [[nodiscard]] int out() const { return out_; }
  [[nodiscard]] base::Millis lease() const { return lease_; }
  /// The lease begins anew: what was asked for took long, and it is the service that is waited for
  /// now.
  void renewLease() { lease_end_ = base::after(lease_); }
  /// When it ends for want of a request.
  [[nodiscard]] Deadline leaseEnd() const { return lease_end_; }
  /// The error that says so.
  [[nodiscard]] base::Error leaseEnded() const;

 private:
  ServiceEnd(int in, int out, base::Millis lease, const StopSignals& stop)
      : in_(in), out_(out), lease_(lease), lease_end_(base::after(lease)), stop_(&stop) {}
  /// Whether a whole request has come.
  Result<bool> readRequest();
  Result<void> waitFor(int fd, short events, Deadline deadline) const;

  int in_;
  int out_;
  base::Millis lease_;
  Deadline lease_end_;
  const StopSignals* stop_;
  std::array<char, sizeof(drive::Request)> request_{};
  std::size_t have_ = 0;  ///< of `request_`
};

}  // namespace tango::autodriver
