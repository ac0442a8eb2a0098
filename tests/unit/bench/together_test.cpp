#include "tango/bench/together.hpp"

#include <chrono>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "support/run_on.hpp"

using namespace tango;
using base::Result;
using boost::asio::awaitable;

namespace {

awaitable<Result<void>> count(int& done) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  std::chrono::milliseconds(1));
  co_await timer.async_wait(boost::asio::use_awaitable);
  ++done;
  co_return Result<void>();
}

awaitable<Result<void>> fail() {
  co_return base::Error(base::ErrorKind::kInvalid, "the first to fail");
}

awaitable<Result<void>> waitForever(bool& ended) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  boost::asio::steady_timer::time_point::max());
  struct Note {
    bool& ended;
    ~Note() { ended = true; }
  } const note{ended};
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return Result<void>();
}

}  // namespace

TEST_CASE("all of them run, and it returns when all have ended") {
  boost::asio::io_context context;
  int done = 0;
  std::vector<awaitable<Result<void>>> tasks;
  tasks.reserve(5);
  for (int at = 0; at < 5; ++at) {
    tasks.push_back(count(done));
  }
  CHECK(test::runOn(context, bench::together(std::move(tasks))).ok());
  CHECK(done == 5);
  CHECK(test::runOn(context, bench::together({})).ok());
}

TEST_CASE("the first failure ends the others, and is the error") {
  boost::asio::io_context context;
  bool ended = false;
  std::vector<awaitable<Result<void>>> tasks;
  tasks.push_back(waitForever(ended));
  tasks.push_back(fail());
  const Result<void> result = test::runOn(context, bench::together(std::move(tasks)));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message() == "the first to fail");
  CHECK(ended);
}
