// Sends the callbacks that are owed: one POST for each ended job that wants one, with its output
// file. What is owed is in the store's outbox, so nothing is forgotten over a restart; an attempt
// that fails is repeated, with growing pauses, for hours.
//
// 2xx is success, whatever then becomes of the answer's body. No answer, 5xx, 408 and 429 are
// tried again until give_up_after; a Retry-After counts within the bounds of the pauses. Anything
// else is a refusal (redirects are not followed: they would lose the file): it may come from a
// front end that is being upgraded, so it is tried again too, but ten in a row are the end. A job
// whose output file is not there, and a URL or a file name that cannot be sent, are given up at
// once. A callback comes at least once: twice only if the service dies, or the connection is cut,
// between the receiver's taking it and its answer's being noted. A clock that is set back puts none
// off by more than the longest pause.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "store/job_store.hpp"

namespace tango::notify {

/// A callback is owed for the first time at most so long after the job's end.
inline constexpr base::Millis kHoldMax{60'000};

struct NotifierConfig {
  base::Millis attempt_timeout{30'000};
  /// The pause doubles with each attempt from one to the other, and is shortened by chance by up to
  /// a half, so that what failed together does not come again together.
  base::Millis backoff_min{2'000};
  base::Millis backoff_max{600'000};
  /// A callback is given up when an attempt has failed and the next would begin later than this
  /// after the job's end. (One that was still owed when the service was down for longer is tried.)
  base::Millis give_up_after{24 * 3'600'000};
  std::size_t at_once_max = 16;
  /// At most so many of them to one host (name and port); to one that did not answer the last time
  /// one, and all of those together at most half of at_once_max, so that they do not hold up
  /// others.
  std::size_t at_once_per_host_max = 4;
  /// Host names or addresses that may be called back; empty: all. A leading "*." takes any
  /// subdomain. A listed name may lead to any address.
  std::vector<std::string> allowed_hosts;
  std::string ca_file;  ///< see http::ClientConfig
};

class Notifier {
 public:
  /// `store` is borrowed. `open_output` gives a job's output that is not kept in the store;
  /// kNotFound: it has none, which ends the callback.
  static std::unique_ptr<Notifier> make(
      const boost::asio::any_io_executor& executor, store::JobStore& store, NotifierConfig config,
      std::function<base::Result<base::UniqueFd>(std::int64_t job_id)> open_output,
      base::WallClock now = base::unixNow);
  Notifier() = default;
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  virtual ~Notifier() = default;

  /// Sends what is owed, until `stop`. Sleeps while nothing is due.
  virtual boost::asio::awaitable<void> run() = 0;
  /// Something may be due earlier than was known.
  virtual void wake() = 0;
  /// Begins no more attempts; those under way end with the connection cut. `run` then returns.
  virtual void stop() = 0;
};

/// Whether a job may name `url` as its callback: kInvalid says why not. Checked when a job is
/// added.
base::Result<void> checkCallbackUrl(const std::string& url,
                                    const std::vector<std::string>& allowed_hosts);

}  // namespace tango::notify
