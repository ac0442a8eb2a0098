// A thread pool without threads: what is offloaded to it is done when a test says so, on the test's
// own thread, so that a run is the same each time.
#pragma once

#include <cstddef>

#include <boost/asio/detail/scheduler.hpp>
#include <boost/asio/thread_pool.hpp>

namespace tango::test {

class IdlePool {
 public:
  [[nodiscard]] boost::asio::thread_pool& pool() { return pool_; }

  /// Does all that waits to be done; how much it was.
  std::size_t poll() {
    boost::system::error_code ignored;
    return boost::asio::use_service<boost::asio::detail::scheduler>(pool_).poll(ignored);
  }

 private:
  boost::asio::thread_pool pool_{0};
};

}  // namespace tango::test
