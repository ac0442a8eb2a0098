#include "tango/bench/together.hpp"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::bench {
namespace {

namespace asio = boost::asio;
using base::Result;

/// What a parallel group asks after each end: whether the rest goes on.
struct UntilOneFails {
  asio::cancellation_type_t operator()(const std::exception_ptr& thrown,
                                       const Result<void>& result) const noexcept {
    return thrown || !result ? asio::cancellation_type::terminal : asio::cancellation_type::none;
  }
};

}  // namespace

asio::awaitable<Result<void>> together(std::vector<asio::awaitable<Result<void>>> tasks) {
  if (tasks.empty()) {
    co_return Result<void>();
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  using Operation = decltype(asio::co_spawn(executor, std::move(tasks.front()), asio::deferred));
  std::vector<Operation> operations;
  operations.reserve(tasks.size());
  for (asio::awaitable<Result<void>>& task : tasks) {
    operations.push_back(asio::co_spawn(executor, std::move(task), asio::deferred));
  }
  auto [order, thrown, results] =
      co_await asio::experimental::make_parallel_group(std::move(operations))
          .async_wait(UntilOneFails{}, asio::use_awaitable);
  for (const std::size_t at : order) {
    if (thrown[at]) {
      std::rethrow_exception(thrown[at]);
    }
    if (!results[at]) {
      co_return results[at].error();
    }
  }
  co_return Result<void>();
}

}  // namespace tango::bench
