// A server that runs on a thread of its own, with a handler for each thing that a handler can do.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "async/event.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "unit/http/raw_client.hpp"

namespace tango::test {

using namespace std::chrono_literals;

/// Deadlines that no test reaches unless it shortens them.
http::ServerConfig patientConfig();

class Served {
 public:
  explicit Served(http::ServerConfig config = patientConfig());
  /// Stops it, and waits for its end.
  ~Served();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] RawClient client() const { return RawClient(port_); }
  http::Server& server() { return *server_; }

  /// Calls it on the server's thread, and waits until that is done.
  void onServer(const std::function<void()>& what);
  void stop(std::chrono::milliseconds grace);
  /// Returns when `run` has.
  void join();
  /// Lets the handler of GET /wait go on.
  void release();
  /// Waits until so many sessions are there.
  void awaitConnections(std::size_t wanted);

  std::counting_semaphore<> waiting{0};  ///< GET /wait has begun
  std::counting_semaphore<> sent{0};     ///< Response::sent of GET /sent and /endless was called
  std::counting_semaphore<> failed{0};   ///< a handler's read of its body failed
  std::atomic<base::ErrorKind> failure{base::ErrorKind::kUnsupported};  ///< in what way

 private:
  void addRoutes();
  void addBodyRoutes();

  boost::asio::io_context context_{1};
  http::Router router_;
  async::Event released_{context_.get_executor()};
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace tango::test
