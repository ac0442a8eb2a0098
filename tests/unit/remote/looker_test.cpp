// What the looker makes of what a cloud tells, by a cloud that tells what the test says.
#include "vmms/remote/looker.hpp"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/run_on.hpp"

using namespace tango;
using namespace tango::vmms::remote;
using base::Error;
using base::ErrorKind;
using base::Millis;
using State = Instance::State;

namespace {

class ScriptedCloud final : public Cloud {
 public:
  awaitable<Result<std::string>> create(model::VmName /*name*/, model::MachineSpec /*spec*/,
                                        std::shared_ptr<async::Event> /*give_up*/) override {
    co_return Error(ErrorKind::kUnsupported, "this cloud makes nothing");
  }
  awaitable<Result<void>> destroy(std::string id) override {
    destroyed.push_back(id);
    co_return Result<void>();
  }
  awaitable<Result<std::vector<Instance>>> list() override {
    ++lists;
    co_return trouble.empty() ? Result<std::vector<Instance>>(instances)
                              : Error(ErrorKind::kSystem, trouble);
  }
  [[nodiscard]] vmms::ssh::SshTarget target(const Instance& /*instance*/) const override {
    return {};
  }
  awaitable<Result<std::vector<std::string>>> hostKeys(std::string /*id*/) override {
    co_return std::vector<std::string>{};
  }
  awaitable<Result<void>> renew(std::vector<std::string> /*ids*/) override {
    co_return Result<void>();
  }

  std::vector<Instance> instances;
  std::string trouble;
  std::vector<std::string> destroyed;
  int lists = 0;
};

struct Looking {
  Looking() {
    vmms::RemoteConfig config;
    config.look_often = Millis{1};
    config.look_seldom = Millis{2};
    config.missing_max = Millis{0};
    looker = std::make_shared<Looker>(
        std::make_shared<const Ground>(context.get_executor(), threads, cloud, config));
  }
  ~Looking() {
    looker->stop();
    context.restart();
    context.run();
  }

  MachinePtr machine(std::int64_t number) {
    const auto made = std::make_shared<Machine>(
        context.get_executor(), model::VmName{"test", number, "image"}, model::MachineSpec{});
    made->id = "i-" + std::to_string(number);
    looker->watch(made);
    return made;
  }
  static Instance of(const Machine& machine, State state, const std::string& address = "",
                     const std::string& reason = "") {
    return {machine.id, machine.name, state, address, reason};
  }
  Result<void> look() { return test::runOn(context, looker->look()); }
  /// Lets it look by itself until `done`.
  template <class Done>
  void goOnUntil(Done done) {
    context.restart();
    while (!done()) {
      context.run_one();
    }
  }

  boost::asio::io_context context;
  boost::asio::thread_pool threads{1};
  std::shared_ptr<ScriptedCloud> cloud = std::make_shared<ScriptedCloud>();
  std::shared_ptr<Looker> looker;
};

}  // namespace

TEST_CASE_FIXTURE(Looking, "a machine is told where it is, and that it has moved") {
  const MachinePtr one = machine(1);
  cloud->instances = {of(*one, State::kPending)};
  CHECK(look().ok());
  CHECK(one->seen.state == State::kPending);
  cloud->instances = {of(*one, State::kRunning, "10.0.0.1")};
  CHECK(look().ok());
  CHECK(one->seen.address == "10.0.0.1");
  cloud->instances = {of(*one, State::kRunning, "")};  // between two addresses
  CHECK(look().ok());
  CHECK(one->seen.address == "10.0.0.1");
  cloud->instances = {of(*one, State::kRunning, "10.0.0.2")};
  CHECK(look().ok());
  CHECK(one->seen.address == "10.0.0.2");
  CHECK_FALSE(one->ended.isSet());
}

TEST_CASE_FIXTURE(Looking, "a machine that leaves or is gone ends with the cloud's reason") {
  for (const State state : {State::kLeaving, State::kGone}) {
    const MachinePtr one = machine(1);
    cloud->instances = {of(*one, state, "", "Server.SpotInstanceTermination")};
    CHECK(look().ok());
    CHECK(one->ended.isSet());
    CHECK(one->endedError().kind() == ErrorKind::kSystem);
    CHECK(one->endedError().message().find("SpotInstanceTermination") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Looking, "a machine that is missing for longer than it may is gone") {
  const MachinePtr one = machine(1);
  const MachinePtr fresh = machine(2);
  fresh->seen_at = base::after(Millis{3'600'000});  // made behind the look
  goOnUntil([&one] { return base::SteadyClock::now() > one->seen_at; });
  CHECK(look().ok());
  CHECK(one->ended.isSet());
  CHECK_FALSE(fresh->ended.isSet());
}

TEST_CASE_FIXTURE(Looking, "a cloud that does not answer costs no machine its life") {
  const MachinePtr one = machine(1);
  cloud->trouble = "throttled";
  CHECK_FALSE(look().ok());
  CHECK(looker->trouble() == "throttled");
  CHECK_FALSE(one->ended.isSet());
  cloud->trouble.clear();
  cloud->instances = {of(*one, State::kRunning, "10.0.0.1")};
  CHECK(look().ok());
  CHECK(looker->trouble().empty());
}

TEST_CASE_FIXTURE(Looking, "who waits for a machine goes on when it runs and has an address") {
  const MachinePtr one = machine(1);
  cloud->instances = {of(*one, State::kRunning)};
  looker->start();
  bool runs = false;
  const auto wait = [&]() -> awaitable<void> {
    co_await looker->awaitRunning(one);
    runs = true;
  };
  boost::asio::co_spawn(context, wait(), [](const std::exception_ptr&) {});
  goOnUntil([this] { return cloud->lists >= 2; });
  CHECK_FALSE(runs);
  cloud->instances = {of(*one, State::kRunning, "10.0.0.1")};
  goOnUntil([&runs] { return runs; });
}

TEST_CASE_FIXTURE(Looking, "a machine that was destroyed and is still there is destroyed again") {
  const MachinePtr one = machine(1);
  const MachinePtr other = machine(2);
  one->gone.set();
  looker->depart(one->name, one->id);
  cloud->instances = {of(*one, State::kRunning), of(*other, State::kRunning)};
  looker->start();
  goOnUntil([this] { return !cloud->destroyed.empty(); });
  CHECK(cloud->destroyed.front() == one->id);
  CHECK(looker->alive().size() == 1);
  CHECK(looker->lists(one->name));
  cloud->instances[0].state = State::kGone;
  CHECK(look().ok());
  CHECK_FALSE(looker->lists(one->name));
}

TEST_CASE_FIXTURE(Looking, "a machine that the cloud may have made unasked is destroyed") {
  const model::VmName name{"test", 5, "image"};
  looker->depart(name, "");
  cloud->instances = {{"i-late", name, State::kPending, "", ""}};
  looker->start();
  goOnUntil([this] { return !cloud->destroyed.empty(); });
  CHECK(cloud->destroyed.front() == "i-late");
}

TEST_CASE_FIXTURE(Looking, "a name that is asked for anew is not destroyed for an older failure") {
  const MachinePtr one = machine(1);
  looker->depart(one->name, "");
  looker->expect(one->name);
  cloud->instances = {of(*one, State::kRunning)};
  CHECK(look().ok());
  CHECK(looker->alive().size() == 1);
}

TEST_CASE_FIXTURE(Looking, "nobody asks the cloud while there is nothing to look for") {
  looker->start();
  context.restart();
  context.run_for(Millis{20});
  CHECK(cloud->lists == 0);
}
