// Sends the callbacks that are owed: one POST for each ended job that wants one, with its output
// file. What is owed is in the store's outbox, so nothing is forgotten over a restart; an attempt
// that fails is repeated, with growing pauses, for hours.
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

struct NotifierConfig {
  base::Millis attempt_timeout{30'000};
  base::Millis backoff_min{2'000};
  base::Millis backoff_max{600'000};
  /// No attempt begins later than this after the job's end; then the callback is given up.
  base::Millis give_up_after{24 * 3'600'000};
  std::size_t at_once_max = 16;
  /// At most so many of them to one host, so that a dead one does not hold up the others.
  std::size_t at_once_per_host_max = 4;
  /// Host names or addresses that may be called back; empty: all. A leading "*." takes any
  /// subdomain.
  std::vector<std::string> allowed_hosts;
  std::string ca_file;  ///< see http::ClientConfig
};

class Notifier {
 public:
  /// `store` is borrowed. `open_output` gives a job's published output.
  static std::unique_ptr<Notifier> make(
      boost::asio::any_io_executor executor, store::JobStore& store, NotifierConfig config,
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
