// Runs one coroutine to its end, from a test that is not one.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace tango::test {

template <class T>
T runOn(boost::asio::io_context& context, boost::asio::awaitable<T> operation) {
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, std::move(operation), [&](std::exception_ptr failure, T value) {
    thrown = failure;
    result.emplace(std::move(value));
  });
  context.restart();
  while (!result) {
    context.run_one();
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  return *std::move(result);
}

}  // namespace tango::test
