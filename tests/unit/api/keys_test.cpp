#include "api/keys.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "support/run_on.hpp"

namespace tango::api {
namespace {

using boost::asio::io_context;

TEST_CASE("each key opens, and nothing else does") {
  io_context context;
  Keys keys(context.get_executor(), {"first", "second"});
  CHECK(test::runOn(context, keys.check("first", "1.1.1.1")));
  CHECK(test::runOn(context, keys.check("second", "1.1.1.1")));
  int guesser = 0;
  for (const std::string guess : {"", "f", "first ", "firs", "First", "firstsecond"}) {
    CAPTURE(guess);
    CHECK_FALSE(test::runOn(context, keys.check(guess, std::to_string(++guesser))));
  }
}

TEST_CASE("without keys nothing opens") {
  io_context context;
  Keys keys(context.get_executor(), {});
  CHECK_FALSE(test::runOn(context, keys.check("", "1.1.1.1")));
}

TEST_CASE("a right key is answered while a wrong one still waits") {
  io_context context;
  Keys keys(context.get_executor(), {"right"});
  std::vector<std::string> answers;
  const auto ask = [&](std::string key) -> boost::asio::awaitable<void> {
    const bool opens = co_await keys.check(key, "1.1.1.1");
    answers.push_back(key + (opens ? " opens" : " does not"));
  };
  boost::asio::co_spawn(context, ask("wrong"), boost::asio::detached);
  boost::asio::co_spawn(context, ask("right"), boost::asio::detached);
  context.run();
  CHECK(answers == std::vector<std::string>{"right opens", "wrong does not"});
}

TEST_CASE("who guesses again waits longer than who guesses first") {
  io_context context;
  Keys keys(context.get_executor(), {"right"});
  static_cast<void>(test::runOn(context, keys.check("one", "1.1.1.1")));
  std::vector<std::string> answers;
  const auto guess = [&](std::string client) -> boost::asio::awaitable<void> {
    static_cast<void>(co_await keys.check("guess", client));
    answers.push_back(client);
  };
  boost::asio::co_spawn(context, guess("1.1.1.1"), boost::asio::detached);
  boost::asio::co_spawn(context, guess("2.2.2.2"), boost::asio::detached);
  context.restart();
  context.run();
  CHECK(answers == std::vector<std::string>{"2.2.2.2", "1.1.1.1"});
}

}  // namespace
}  // namespace tango::api
