// Coroutines for programs that wait for one thing after the other, and that Ctrl-C can end.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/result.hpp"

namespace tango::client {

using base::Result;

class SyncLoop {
 public:
  SyncLoop() = default;
  SyncLoop(const SyncLoop&) = delete;
  SyncLoop& operator=(const SyncLoop&) = delete;

  [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }

  /// Runs the coroutine to its end and returns what it gives; kCancelled once interrupted. What it
  /// throws is thrown.
  template <class T>
  Result<T> run(boost::asio::awaitable<Result<T>> work) {
    std::optional<Result<T>> result;
    // A signal that has come counts before anything begins: what is cancelled before its first step
    // throws out of the loop (Asio's co_spawn).
    if (!interrupted()) {
      finish(keep(std::move(work), result));
    }
    return interrupted_ || !result ? interruptedError() : *std::move(result);
  }
  /// Waits; kCancelled once interrupted.
  Result<void> pause(std::chrono::milliseconds duration);

  /// From now on SIGINT and SIGTERM do not end the process, but end what is under way and what
  /// comes after it with kCancelled. A second signal ends the process.
  void interruptOnSignals();
  /// Whether such a signal has come. Not to be called by what runs here.
  bool interrupted();
  [[nodiscard]] static base::Error interruptedError();

 private:
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<Result<T>> work,
                                           std::optional<Result<T>>& into) {
    Result<T> result = co_await std::move(work);
    into.emplace(std::move(result));
  }
  /// Runs the coroutine to its end, which an interrupt brings about early.
  void finish(boost::asio::awaitable<void> work);

  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_};
  boost::asio::cancellation_signal stop_;
  bool interrupted_ = false;
};

}  // namespace tango::client
