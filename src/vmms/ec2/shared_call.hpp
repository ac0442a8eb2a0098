// Many who ask the same at the same time share one answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/event.hpp"
#include "base/assert.hpp"
#include "base/result.hpp"
#include "vmms/ec2/pause.hpp"

namespace tango::vmms::ec2 {

template <class T>
class SharedCall {
 public:
  using Operation = std::function<boost::asio::awaitable<base::Result<T>>()>;

  explicit SharedCall(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// The result of the call under way, or of `operation`, which is begun if there is none. It is
  /// carried out to its end whoever gives up, and owns what it uses. kCancelled: `give_up` was set.
  boost::asio::awaitable<base::Result<T>> result(Operation operation, GiveUp give_up) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (!run_ || run_->result) {
      run_ = std::make_shared<Run>(executor_);
      boost::asio::co_spawn(
          executor_, carryOut(run_, std::move(operation)),
          [](const std::exception_ptr& thrown) { TANGO_ASSERT(!thrown, "a shared call threw"); });
    }
    const std::shared_ptr<Run> run = run_;
    if (give_up) {
      co_await (run->done.wait() || give_up->wait());
    } else {
      co_await run->done.wait();
    }
    if (run->result) {
      co_return *run->result;
    }
    co_return base::Error(base::ErrorKind::kCancelled, "it is no longer wanted");
  }

 private:
  struct Run {
    explicit Run(const boost::asio::any_io_executor& executor) : done(executor) {}
    async::Event done;
    std::optional<base::Result<T>> result;
  };

  static boost::asio::awaitable<void> carryOut(std::shared_ptr<Run> run, Operation operation) {
    base::Result<T> result = co_await operation();
    run->result.emplace(std::move(result));
    run->done.set();
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<Run> run_;
};

}  // namespace tango::vmms::ec2
