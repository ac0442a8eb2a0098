// For what blocks (files, hashing): it is done on a small pool of threads, and the coroutine goes
// on where it was.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::async {

/// Calls `work` on a thread of `pool` and gives what it gave. `work` must not throw, must not touch
/// what belongs to the service's thread, and is done even if the caller is gone: it owns what it
/// uses.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work>> offload(boost::asio::thread_pool& pool,
                                                           Work work) {
  const auto home = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(
      boost::asio::bind_executor(pool.get_executor(), boost::asio::use_awaitable));
  auto result = work();
  co_await boost::asio::post(boost::asio::bind_executor(home, boost::asio::use_awaitable));
  co_return result;
}

}  // namespace tango::async
