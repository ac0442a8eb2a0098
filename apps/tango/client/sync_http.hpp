// One HTTP request after the other, for programs that have nothing else to do meanwhile.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/result.hpp"
#include "http/client.hpp"

namespace tango::client {

using base::Result;

class SyncHttp {
 public:
  /// `ca_file`: PEM certificates that are trusted beside the system's; "": none.
  explicit SyncHttp(const std::string& ca_file);
  ~SyncHttp();
  SyncHttp(const SyncHttp&) = delete;
  SyncHttp& operator=(const SyncHttp&) = delete;

  /// As http::Client::send; kCancelled once interrupted.
  Result<http::ClientResponse> send(http::ClientRequest request);
  /// Waits; kCancelled once interrupted.
  Result<void> pause(std::chrono::milliseconds duration);
  /// From now on SIGINT and SIGTERM do not end the process, but end what is under way and what
  /// comes after it with kCancelled. A second signal ends the process.
  void interruptOnSignals();

 private:
  /// Runs the coroutine to its end, which an interrupt brings about early.
  void finish(boost::asio::awaitable<void> work);

  boost::asio::io_context context_{1};
  http::Client client_;
  boost::asio::signal_set signals_{context_};
  boost::asio::cancellation_signal stop_;
  bool interrupted_ = false;
};

}  // namespace tango::client
