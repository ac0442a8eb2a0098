// Runs one coroutine to its end, from a test that is not one.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace tango::test {

/// Runs `context` until `operation` has ended, and gives what it gave; rethrows what it threw.
template <class T>
T runOn(boost::asio::io_context& context, boost::asio::awaitable<T> operation) {
  std::optional<T> result;
  std::exception_ptr thrown;
  bool ended = false;
  const auto keep = [](boost::asio::awaitable<T> inner,
                       std::optional<T>& into) -> boost::asio::awaitable<void> {
    T value = co_await std::move(inner);
    into.emplace(std::move(value));
  };
  boost::asio::co_spawn(context, keep(std::move(operation), result),
                        [&](const std::exception_ptr& failure) {
                          thrown = failure;
                          ended = true;
                        });
  context.restart();
  while (!ended) {
    context.run_one();
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  return *std::move(result);
}

}  // namespace tango::test
