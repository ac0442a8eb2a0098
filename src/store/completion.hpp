// What a coroutine waits for while another thread works for it. All methods are called on the one
// thread of the service.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>

namespace tango::store {

class Completion {
 public:
  /// `executor` is the service's.
  explicit Completion(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  /// Whoever waits goes on now, and whoever waits later does so at once.
  void complete();
  /// It will never be complete: the executor's context ends. The coroutine that waits ends with it.
  void abandon();
  /// Returns when it is complete. One coroutine may wait, and is not to be cancelled meanwhile.
  boost::asio::awaitable<void> wait();

 private:
  class Waiter {
   public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() = default;
    virtual void resume() = 0;
  };
  template <class Handler>
  class WaiterOf;

  boost::asio::any_io_executor executor_;
  std::unique_ptr<Waiter> waiter_;
  bool complete_ = false;
};

}  // namespace tango::store
