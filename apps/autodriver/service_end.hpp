// The service's end, as an autodriver that stands by has it: requests come on one descriptor,
// replies go on another, and both are waited for no longer than the lease. The descriptors are its
// standard streams, or a connection to the socket that it listens on. Of the second kind one may
// take the place of the other: the newest is the service's.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "autodriver/stop_signals.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "drive/messages.hpp"

namespace tango::autodriver {

/// Every error of it means the end of standing by: kTimeout (no request came for as long as the
/// lease, or no reply was taken) or kCancelled (told to stop, or the service is gone or confused).
/// But if `isCut` is true then, only the connection has ended, or there is a newer one.
class ServiceEnd {
 public:
  /// Makes both descriptors non-blocking; they and `stop` are borrowed.
  static Result<ServiceEnd> open(int in, int out, base::Millis lease, const StopSignals& stop);
  /// `listener` is a listening socket that does not block. It begins without a connection: `isCut`.
  static ServiceEnd listening(UniqueFd listener, base::Millis lease, const StopSignals& stop);

  /// It is one of connections, and has none (or none that counts) at the moment.
  [[nodiscard]] bool isCut() const { return cut_; }
  [[nodiscard]] bool listens() const { return static_cast<bool>(listener_); }
  /// Waits for a connection until the lease is over; it takes the place of an older one.
  Result<void> awaitConnection();
  /// Takes the newest of the connections that wait, in the place of an older one; false: none does.
  bool takeConnection();

  /// The next request but kBeat. Nothing is read beyond it.
  Result<drive::Request> nextRequest();
  /// The same if one has come; beats are taken in any case.
  Result<std::optional<drive::Request>> takeRequest();
  /// Passes over all that comes, until it ends as any error of this class says.
  base::Error passOver();

  /// Sends all of `bytes`; waits for as long as the lease for each piece of it to be taken.
  Result<void> send(std::string_view bytes);
  /// Sends as much of `bytes` as is taken at once; how much that was.
  Result<std::size_t> sendSome(std::string_view bytes);
  /// Waits until `fd` can be read, for as long as it takes.
  Result<void> waitBeside(int fd);

  /// -1: there is none, here and below.
  [[nodiscard]] int in() const { return in_; }
  [[nodiscard]] int out() const { return out_; }
  [[nodiscard]] int listener() const { return listener_.get(); }
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
  /// Also an error as soon as a newer connection waits.
  Result<void> waitFor(int fd, short events, Deadline deadline);
  base::Error gone();

  int in_;
  int out_;
  base::Millis lease_;
  Deadline lease_end_;
  const StopSignals* stop_;
  UniqueFd listener_;
  UniqueFd connection_;
  bool cut_ = false;
  std::array<char, sizeof(drive::Request)> request_{};
  std::size_t have_ = 0;  ///< of `request_`
};

}  // namespace tango::autodriver
