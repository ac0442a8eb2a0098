#include "store/completion.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::store {

namespace asio = boost::asio;

template <class Handler>
class Completion::WaiterOf : public Waiter {
 public:
  WaiterOf(Handler handler, const asio::any_io_executor& executor)
      : handler_(std::move(handler)),
        work_(asio::prefer(asio::get_associated_executor(handler_, executor),
                           asio::execution::outstanding_work.tracked)) {}

  void resume() override {
    const auto executor = work_;
    asio::dispatch(executor, std::move(handler_));
  }

 private:
  Handler handler_;
  asio::any_io_executor work_;  ///< keeps the context running while somebody waits
};

void Completion::complete() {
  complete_ = true;
  if (const std::unique_ptr<Waiter> waiter = std::exchange(waiter_, nullptr)) {
    waiter->resume();
  }
}

void Completion::abandon() {
  const std::unique_ptr<Waiter> waiter = std::exchange(waiter_, nullptr);
}

asio::awaitable<void> Completion::wait() {
  if (complete_) {
    co_return;
  }
  const auto begin = [this](auto handler) {
    waiter_ = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler), executor_);
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(begin, asio::use_awaitable);
}

}  // namespace tango::store
