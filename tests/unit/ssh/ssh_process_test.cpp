#include "vmms/ssh/ssh_process.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "support/temp_folder.hpp"
#include "unit/ssh/processes.hpp"

using namespace tango::test;
using tango::vmms::ssh::LastWords;
using tango::vmms::ssh::SshProcess;

namespace {

struct Running {
  std::unique_ptr<SshProcess> start(std::vector<std::string> arguments) {
    auto process = SshProcess::start(context.get_executor(), std::move(arguments), {}, words,
                                     [this] { ended = true; });
    REQUIRE(process.ok());
    return *std::move(process);
  }
  bool ends() {
    return comesTrue([this] {
      context.restart();
      context.poll();
      return ended;
    });
  }

  boost::asio::io_context context;
  std::shared_ptr<LastWords> words = std::make_shared<LastWords>();
  bool ended = false;
};

}  // namespace

TEST_CASE("what a program writes to standard error is kept, and its end is told") {
  Running running;
  const auto process = running.start({"sh", "-c", "echo first >&2; echo last >&2; echo no"});
  CHECK(running.ends());
  CHECK(running.words->text() == "first last");
}

TEST_CASE("a program that is not there says so and ends") {
  Running running;
  const auto process = running.start({"no-such-program-here"});
  CHECK(running.ends());
  CHECK(running.words->text().find("no-such-program-here") != std::string::npos);
}

TEST_CASE("a program dies with its owner, and so does what it has started") {
  const TempFolder mark;
  const std::string inner = "sh -c 'sleep 1000; true' " + mark.path().string();
  Running running;
  auto process = running.start({"sh", "-c", inner + "; true"});
  REQUIRE(comesTrue([&] { return processesWith(mark.path()).size() == 2; }));
  process.reset();
  CHECK(comesTrue([&] { return processesWith(mark.path()).empty(); }));
  running.context.poll();
  CHECK(!running.ended);
}

TEST_CASE("a program that ignores requests to end is killed and told of") {
  Running running;
  const auto process = running.start({"sh", "-c", "trap '' TERM; while :; do sleep 1000; done"});
  process->kill();
  CHECK(running.ends());
}
