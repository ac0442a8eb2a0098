// What runs beside what, and what survives.
#include <atomic>
#include <semaphore>

#include <doctest/doctest.h>

#include "support/mem_job_store.hpp"
#include "unit/http/scripted_server.hpp"
#include "unit/notify/outbox.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::notify::NotifierConfig;

namespace {

NotifierConfig patient() {
  NotifierConfig config;
  config.attempt_timeout = 120s;
  return config;
}

// Takes callbacks and answers none until it is opened; then each.
class Gate {
 public:
  [[nodiscard]] ScriptedServer::Script script() {
    return [this](Peer& peer) {
      while (!peer.read().head.empty()) {
        ++held;
        open_.acquire();
        open_.release();
        peer.answer("200 OK");
      }
    };
  }
  void open() { open_.release(); }

  std::atomic<int> held{0};

 private:
  std::counting_semaphore<> open_{0};
};

void answerAll(Peer& peer) {
  while (!peer.read().head.empty()) {
    peer.answer("200 OK");
  }
}

}  // namespace

TEST_CASE("a slow host with many callbacks holds up neither another nor more than its share") {
  Gate gate;
  {
    ScriptedServer slow(gate.script());
    const ScriptedServer good(answerAll);
    NotifierConfig config = patient();
    config.at_once_per_host_max = 2;
    Outbox outbox(config);
    // More than are read from the store at a time, and all due before the other one.
    constexpr int kMany = 700;
    for (int each = 0; each < kMany; ++each) {
      outbox.owe(slow.url());
    }
    outbox.advance(1s);
    const std::int64_t other = outbox.owe(good.url());
    outbox.start();
    outbox.until([&] { return !outbox.owed().contains(other); });
    outbox.until([&] { return gate.held == 2; });
    CHECK(slow.connections() == 2);
    CHECK(outbox.owed().size() == kMany);
    gate.open();
    outbox.untilAllSent();
    CHECK(gate.held == kMany);
  }
}

TEST_CASE("only so many callbacks are under way at once") {
  Gate gate;
  ScriptedServer one(gate.script());
  ScriptedServer other(gate.script());
  NotifierConfig config = patient();
  config.at_once_max = 3;
  config.at_once_per_host_max = 2;
  Outbox outbox(config);
  for (int each = 0; each < 5; ++each) {
    outbox.owe(one.url());
    outbox.owe(other.url());
  }
  outbox.start();
  outbox.until([&] { return gate.held == 3; });
  outbox.wake();
  CHECK(outbox.owed().size() == 10);
  CHECK(one.connections() + other.connections() == 3);
  gate.open();
  outbox.untilAllSent();
  CHECK(gate.held == 10);
}

TEST_CASE("a callback that is under way is not sent beside itself") {
  Gate gate;
  const ScriptedServer server(gate.script());
  Outbox outbox(patient());
  outbox.owe(server.url());
  outbox.start();
  outbox.until([&] { return gate.held == 1; });
  for (int each = 0; each < 20; ++each) {
    outbox.wake();
    CHECK(outbox.owed().size() == 1);
  }
  gate.open();
  outbox.untilAllSent();
  CHECK(gate.held == 1);
}

TEST_CASE("many callbacks are each sent once, however often the notifier is woken") {
  std::atomic<int> received{0};
  const ScriptedServer server([&received](Peer& peer) {
    while (!peer.read().head.empty()) {
      ++received;
      peer.answer("200 OK");
    }
  });
  Outbox outbox(patient());
  outbox.start();
  for (int each = 0; each < 200; ++each) {
    outbox.owe(server.url());
    outbox.wake();
  }
  while (!outbox.owed().empty()) {
    outbox.wake();
  }
  outbox.stop();
  CHECK(received == 200);
}

TEST_CASE("a host that does not answer in time is tried again") {
  const ScriptedServer server([](Peer& peer) { peer.awaitEnd(); });
  NotifierConfig config = patient();
  config.attempt_timeout = 30ms;
  Outbox outbox(config);
  const std::int64_t job = outbox.owe(server.url());
  outbox.start();
  CHECK(!outbox.afterAttempts(job, 1).given_up);
  outbox.advance(2s);
  CHECK(!outbox.afterAttempts(job, 2).given_up);
}

TEST_CASE("a notifier that is stopped cuts what is under way and the next one sends it again") {
  Gate gate;
  const ScriptedServer server(gate.script());
  Outbox outbox(patient());
  const std::int64_t job = outbox.owe(server.url());
  outbox.start();
  outbox.until([&] { return gate.held == 1; });
  outbox.stop();
  CHECK(!outbox.runs());
  CHECK(outbox.owed().at(job).attempts == 0);
  gate.open();
  outbox.restart();
  outbox.untilAllSent();
  CHECK(gate.held == 2);
}

TEST_CASE("a notifier that is stopped before it has begun ends at once") {
  Outbox outbox(patient());
  outbox.stop();
  outbox.start();
  outbox.until([&] { return !outbox.runs(); });
}

TEST_CASE("a callback that was given up is sent when somebody asks for it") {
  const ScriptedServer server(answerAll);
  Outbox outbox(patient());
  const std::int64_t job = outbox.owe(server.url());
  outbox.spoilOutput(job, Error(ErrorKind::kNotFound, "no such file"));
  outbox.start();
  CHECK(outbox.afterAttempts(job, 1).given_up);
  outbox.spoilOutput(job, Error(ErrorKind::kSystem, "not now"));
  REQUIRE(outbox.run(outbox.store().resendCallback(job, outbox.now())).ok());
  outbox.wake();
  const auto again = outbox.afterAttempts(job, 1);
  CHECK(again.last_error.find("not now") != std::string::npos);
  CHECK(!again.given_up);
}

TEST_CASE("a callback whose success cannot be noted is not sent again meanwhile") {
  std::atomic<int> received{0};
  const ScriptedServer server([&received](Peer& peer) {
    while (!peer.read().head.empty()) {
      ++received;
      peer.answer("200 OK");
    }
  });
  int faults = 0;
  bool failing = false;
  NotifierConfig config = patient();
  config.backoff_min = 1ms;
  Outbox outbox(config, [&](boost::asio::io_context& context) {
    auto store = std::make_unique<MemJobStore>(context.get_executor(), std::make_shared<MemJobs>());
    store->failBy([&]() -> std::optional<Error> {
      if (!failing) {
        return std::nullopt;
      }
      ++faults;
      return Error(ErrorKind::kSystem, "the disk is full");
    });
    return store;
  });
  outbox.owe(server.url());
  failing = true;
  outbox.start();
  while (faults < 5) {
    outbox.wake();
    CHECK(outbox.owed().size() == 1);
  }
  CHECK(received == 1);
  failing = false;
  outbox.untilAllSent();
  CHECK(received == 1);
}
