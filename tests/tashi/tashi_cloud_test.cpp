// TashiCloud against a cluster manager on loopback, without machines: what is said, and what comes
// of a cluster manager that is out of order.
#include "vmms/tashi/tashi_cloud.hpp"

#include <filesystem>
#include <map>
#include <regex>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "support/run_on.hpp"
#include "support/temp_folder.hpp"
#include "tashi/tashi_server.hpp"

using namespace tango;
using base::ErrorKind;
using base::Millis;
using base::Result;
using vmms::remote::Instance;
using vmms::tashi::TashiCloud;
using vmms::tashi::TashiConfig;
using State = Instance::State;

namespace {

struct Trial {
  Trial() {
    server.addImage("rhel.img");
    server.addImage("slow.img");
  }

  std::unique_ptr<TashiCloud> cloud(TashiConfig config) {
    return TashiCloud::make(context.get_executor(), threads, std::move(config));
  }
  std::unique_ptr<TashiCloud> cloud() { return cloud(server.config()); }

  // Who makes one attempt, which is over soon.
  TashiConfig hasty() const {
    TashiConfig config = server.config();
    config.answer_max = config.call_max = Millis{1'000};
    config.retry_pause = Millis{2'000};
    return config;
  }

  Result<std::string> create(TashiCloud& made_by, const model::VmName& name,
                             const model::MachineSpec& spec) {
    return test::runOn(context, made_by.create(name, spec, nullptr));
  }
  std::vector<Instance> list(TashiCloud& of) {
    Result<std::vector<Instance>> all = test::runOn(context, of.list());
    REQUIRE(all);
    return *all;
  }
  boost::json::object only() {
    const boost::json::array all = boost::json::parse(server.instances()).as_array();
    REQUIRE(all.size() == 1);
    return all[0].as_object();
  }

  test::TashiServer server{test::TashiServer::Machines::kNone};
  boost::asio::io_context context;
  boost::asio::thread_pool threads{1};
};

const model::VmName kName{"t_1", 7, "rhel"};

model::MachineSpec rhel() {
  model::MachineSpec spec;
  spec.image = "rhel";
  spec.memory_bytes = 512 << 20;
  return spec;
}

}  // namespace

TEST_CASE("an instance is asked for with all that Tashi wants to know") {
  Trial trial;
  const auto cloud = trial.cloud();
  model::MachineSpec spec = rhel();
  spec.cpu_millis = 1'500;
  spec.memory_bytes = (512 << 20) + 1;
  const Result<std::string> id = trial.create(*cloud, kName, spec);
  REQUIRE(id);
  CHECK(*id == "1");
  const boost::json::object instance = trial.only();
  CHECK(instance.at("name") == "t-1-7-rhel");
  CHECK(instance.at("cores") == 2);
  CHECK(instance.at("memory") == 513 + 256);
  CHECK(instance.at("userId") == 42);
  CHECK(instance.at("disks") ==
        boost::json::parse(R"([{"uri": "rhel.img", "persistent": false}])"));
  CHECK(instance.at("hints") ==
        boost::json::parse(R"({"tango_owner": "tests", "tango_prefix": "t_1", "tango_id": "7",
                               "tango_image": "rhel"})"));
  const boost::json::object card = instance.at("nics").as_array().at(0).as_object();
  CHECK(card.at("network") == 1);
  CHECK(std::regex_match(card.at("mac").as_string().c_str(),
                         std::regex("52:54:00(:[0-9a-f]{2}){3}")));
}

TEST_CASE("a suspended image is resumed, with the memory that was asked for and no more") {
  Trial trial;
  TashiConfig config = trial.server.config();
  config.suspended_images = {"rhel"};
  config.cores = 3;
  config.network = 4;
  config.user_id = 5;
  const auto cloud = trial.cloud(config);
  REQUIRE(trial.create(*cloud, kName, rhel()));
  const boost::json::object instance = trial.only();
  CHECK(instance.at("hints").at("resume_source") == "rhel.img.suspend");
  CHECK(instance.at("memory") == 512);
  CHECK(instance.at("cores") == 3);
  CHECK(instance.at("userId") == 5);
  CHECK(instance.at("nics").at(0).at("network") == 4);
}

TEST_CASE("only what has our owner's hint is listed, by name and address") {
  Trial trial;
  const auto cloud = trial.cloud();
  TashiConfig of_other = trial.server.config();
  of_other.owner = "other";
  of_other.by_ip = true;
  const auto other = trial.cloud(of_other);
  REQUIRE(trial.create(*cloud, kName, rhel()));
  REQUIRE(trial.create(*other, {"o", 1, "rhel"}, rhel()));
  const std::vector<Instance> ours = trial.list(*cloud);
  REQUIRE(ours.size() == 1);
  CHECK(ours[0].id == "1");
  CHECK(ours[0].name == kName);
  CHECK(ours[0].state == State::kRunning);
  CHECK(ours[0].address == "t-1-7-rhel.vmnet");
  const std::vector<Instance> others = trial.list(*other);
  REQUIRE(others.size() == 1);
  CHECK(others[0].address == "127.0.10.3");
  const vmms::ssh::SshTarget target = other->target(others[0]);
  CHECK(target.host == "127.0.10.3");
  CHECK(target.user == "autolab");
  CHECK(target.port == 2222);
  CHECK(target.key_file == of_other.key_file);
  CHECK(vmms::ssh::checkTarget(cloud->target(ours[0])));
}

TEST_CASE("an instance that is not running has no address") {
  Trial trial;
  trial.server.hold(true);
  const auto cloud = trial.cloud();
  REQUIRE(trial.create(*cloud, kName, rhel()));
  const std::vector<Instance> ours = trial.list(*cloud);
  REQUIRE(ours.size() == 1);
  CHECK(ours[0].state == State::kPending);
  CHECK(ours[0].address.empty());
}

TEST_CASE("a second call for a name makes no second instance") {
  Trial trial;
  const auto cloud = trial.cloud();
  const Result<std::string> first = trial.create(*cloud, kName, rhel());
  const Result<std::string> second = trial.create(*cloud, kName, rhel());
  REQUIRE(second);
  CHECK(*first == *second);
  trial.only();
}

TEST_CASE("two calls for a name at once make one instance") {
  Trial trial;
  const auto cloud = trial.cloud();
  const auto both = [&]() -> boost::asio::awaitable<std::vector<Result<std::string>>> {
    using namespace boost::asio::experimental::awaitable_operators;
    auto [one, other] =
        co_await (cloud->create(kName, rhel(), nullptr) && cloud->create(kName, rhel(), nullptr));
    co_return std::vector<Result<std::string>>{one, other};
  };
  const auto ids = test::runOn(trial.context, both());
  REQUIRE(ids[0]);
  REQUIRE(ids[1]);
  CHECK(*ids[0] == *ids[1]);
  trial.only();
}

TEST_CASE("an answer to createVm that is lost makes no second instance") {
  for (const char* const kind : {"half a pickle", "lost"}) {
    CAPTURE(kind);
    Trial trial;
    const auto cloud = trial.cloud();
    trial.server.fault("createVm", kind);
    const Result<std::string> id = trial.create(*cloud, kName, rhel());
    REQUIRE(id);
    CHECK(*id == "1");
    trial.only();
  }
}

TEST_CASE("a name that somebody else's instance has is refused in Tashi's words") {
  Trial trial;
  TashiConfig of_other = trial.server.config();
  of_other.owner = "other";
  REQUIRE(trial.create(*trial.cloud(of_other), kName, rhel()));
  const Result<std::string> id = trial.create(*trial.cloud(), kName, rhel());
  REQUIRE_FALSE(id);
  CHECK(id.error().kind() == ErrorKind::kInvalid);
  CHECK(id.error().message() == "Tashi refuses it: The name t-1-7-rhel is already in use");
}

TEST_CASE("a machine that is larger than any of Tashi's is too large") {
  Trial trial;
  const auto cloud = trial.cloud();
  model::MachineSpec spec = rhel();
  spec.memory_bytes = 1ULL << 40;
  const Result<std::string> large = trial.create(*cloud, kName, spec);
  REQUIRE_FALSE(large);
  CHECK(large.error().kind() == ErrorKind::kTooLarge);
  CHECK(large.error().message() == "Tashi refuses it: Amount of memory must be <= 8192");
  spec = rhel();
  spec.cpu_millis = 9'000;
  CHECK(trial.create(*cloud, kName, spec).error().kind() == ErrorKind::kTooLarge);
}

TEST_CASE("an image that there is not is not found, and Tashi is not asked") {
  Trial trial;
  const auto cloud = trial.cloud();
  model::MachineSpec spec = rhel();
  for (const char* const image : {"other", "../rhel", "a,snapshot=off", ""}) {
    spec.image = image;
    const Result<std::string> id = trial.create(*cloud, kName, spec);
    REQUIRE_FALSE(id);
    CHECK(id.error().kind() == ErrorKind::kNotFound);
  }
  CHECK(trial.server.calls().empty());
}

TEST_CASE("images are listed and found, and not built") {
  Trial trial;
  const auto cloud = trial.cloud();
  CHECK(*test::runOn(trial.context, cloud->getImages()) ==
        std::vector<std::string>{"rhel", "slow"});
  CHECK(test::runOn(trial.context, cloud->findImage("rhel")));
  CHECK(vmms::isMissing(test::runOn(trial.context, cloud->findImage("other"))));
  CHECK(test::runOn(trial.context, cloud->buildImage("a", "/b")).error().kind() ==
        ErrorKind::kUnsupported);
}

TEST_CASE("an instance is destroyed, and it is fine if it is gone") {
  Trial trial;
  const auto cloud = trial.cloud();
  REQUIRE(trial.create(*cloud, kName, rhel()));
  CHECK(test::runOn(trial.context, cloud->destroy("1")));
  CHECK(trial.list(*cloud).empty());
  CHECK(test::runOn(trial.context, cloud->destroy("1")));
  CHECK(test::runOn(trial.context, cloud->destroy("99")));
  CHECK(test::runOn(trial.context, cloud->destroy("x")).error().kind() == ErrorKind::kInvalid);
}

TEST_CASE("what Tashi holds, or what has ended, is told with the reason, and destroyed") {
  for (const auto& [state, word] :
       std::map<int, std::string>{{14, "(Held)"}, {15, "(Exited)"}, {16, "(Suspended)"}}) {
    CAPTURE(state);
    Trial trial;
    const auto cloud = trial.cloud();
    REQUIRE(trial.create(*cloud, kName, rhel()));
    trial.server.put(1, state);
    const std::vector<Instance> ours = trial.list(*cloud);
    REQUIRE(ours.size() == 1);
    CHECK(ours[0].state == State::kLeaving);
    CHECK(ours[0].reason.find(word) != std::string::npos);
    CHECK(trial.list(*cloud).empty());
  }
}

TEST_CASE("what a host cannot start is held") {
  Trial trial;
  const test::TempFolder other;
  static_cast<void>(other.write("new.img", ""));
  TashiConfig config = trial.server.config();
  config.image_folder = other.path();
  const auto misled = trial.cloud(config);
  model::MachineSpec spec = rhel();
  spec.image = "new";
  REQUIRE(trial.create(*misled, kName, spec));
  const std::vector<Instance> ours = trial.list(*misled);
  REQUIRE(ours.size() == 1);
  CHECK(ours[0].reason ==
        "Tashi holds it (Held): the host that was to start it failed, and that host's node manager "
        "logged why");
}

TEST_CASE("one that is still being destroyed is not given a second time") {
  Trial trial;
  const auto cloud = trial.cloud();
  REQUIRE(trial.create(*cloud, kName, rhel()));
  trial.server.put(1, 12);
  const Result<std::string> id = trial.create(*cloud, kName, rhel());
  REQUIRE_FALSE(id);
  CHECK(id.error().kind() == ErrorKind::kSystem);
  CHECK(id.error().message().find("not gone yet: Tashi destroys it") != std::string::npos);
}

TEST_CASE("what a lost host had, or what migrates, still runs for all that is known") {
  Trial trial;
  const auto cloud = trial.cloud();
  REQUIRE(trial.create(*cloud, kName, rhel()));
  for (const int state : {13, 9, 10}) {
    trial.server.put(1, state);
    CHECK(trial.list(*cloud)[0].state == State::kRunning);
  }
}

TEST_CASE("a cluster manager that is out of order is an error that says so, within its time") {
  Trial trial;
  const auto cloud = trial.cloud(trial.hasty());
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"garbage", "it does not speak RPyC 3"},
      {"half", "the connection ends in the middle of an answer"},
      {"not brine", "brine that cannot be read"},
      {"another", "it answers another request"},
      {"huge", "a message is too large"},
      {"bomb", "a message is not what zlib makes"},
      {"half a pickle", "a pickle that cannot be read: it ends in the middle"},
      {"no list", "a dict in the place of a list of instances"},
      {"system", "it has os.system, which is no class of Tashi's answers"},
      {"deep", "a pickle that cannot be read: it is too deep"},
      {"trickle", "it does not answer in time"},
      {"stall", "it does not answer in time"},
      {"nothing", "it does not answer in time"},
      {"close", "the connection ends in the middle of an answer"},
      {"exception", "Tashi refuses it: AttributeError: RPC does not exist"},
      {"tashi", "Tashi refuses it: OSError: No space left on device"},
      {"value error", "Tashi refuses it: ValueError: too odd"},
  };
  for (const auto& [kind, words] : faults) {
    CAPTURE(kind);
    trial.server.fault("getInstances", kind);
    const auto listed = test::runOn(trial.context, cloud->list());
    REQUIRE_FALSE(listed);
    CHECK_MESSAGE(listed.error().message().find(words) != std::string::npos,
                  listed.error().message());
    const bool late = words == "it does not answer in time";
    CHECK(listed.error().kind() == (late ? ErrorKind::kTimeout : ErrorKind::kSystem));
  }
  CHECK_FALSE(std::filesystem::exists("tango-tashi-was-here"));
  CHECK(trial.list(*cloud).empty());
}

TEST_CASE("a cluster manager that is out of order before it is asked anything is said as well") {
  Trial trial;
  const auto cloud = trial.cloud(trial.hasty());
  for (const std::string kind : {"garbage", "half", "nothing", "exception", "system"}) {
    CAPTURE(kind);
    trial.server.fault("GETROOT", kind);
    CHECK_FALSE(test::runOn(trial.context, cloud->list()));
  }
}

TEST_CASE("a call that goes wrong once is made again") {
  for (const char* const kind : {"garbage", "half", "close", "nothing"}) {
    CAPTURE(kind);
    Trial trial;
    TashiConfig config = trial.server.config();
    config.answer_max = Millis{500};
    const auto cloud = trial.cloud(config);
    trial.server.fault("createVm", kind);
    trial.server.fault("getInstances", kind);
    const Result<std::string> id = trial.create(*cloud, kName, rhel());
    REQUIRE(id);
    trial.server.fault("getInstances", kind);
    CHECK(trial.list(*cloud).size() == 1);
    trial.server.fault("destroyVm", kind);
    CHECK(test::runOn(trial.context, cloud->destroy(*id)));
    CHECK(trial.list(*cloud).empty());
  }
}

TEST_CASE("what Tashi refuses is not asked again") {
  Trial trial;
  const auto cloud = trial.cloud();
  trial.server.fault("createVm", "tashi", 9);
  const Result<std::string> id = trial.create(*cloud, kName, rhel());
  REQUIRE_FALSE(id);
  CHECK(id.error().kind() == ErrorKind::kSystem);
  CHECK(trial.server.calls() == std::vector<std::string>{"getInstances", "createVm"});
}

TEST_CASE("who gives up is not kept") {
  Trial trial;
  TashiConfig config = trial.server.config();
  config.answer_max = config.call_max = Millis{60'000};
  const auto cloud = trial.cloud(config);
  for (const auto& [method, kind] : std::map<std::string, ErrorKind>{
           {"getInstances", ErrorKind::kCancelled}, {"createVm", ErrorKind::kSystem}}) {
    CAPTURE(method);
    trial.server.fault(method, "nothing");
    const auto give_up = std::make_shared<async::Event>(trial.context.get_executor());
    boost::asio::steady_timer timer(trial.context, Millis{200});
    timer.async_wait([&](boost::system::error_code) { give_up->set(); });
    const auto begun = base::SteadyClock::now();
    const auto id = test::runOn(trial.context, cloud->create(kName, rhel(), give_up));
    REQUIRE_FALSE(id);
    CHECK(id.error().kind() == kind);
    CHECK(base::SteadyClock::now() - begun < Millis{30'000});
  }
}

TEST_CASE("nobody who answers, and a name that is none, are errors") {
  Trial trial;
  TashiConfig config = trial.hasty();
  config.port = 1;
  const auto refused = test::runOn(trial.context, trial.cloud(config)->list());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() ==
        "tashi 127.0.0.1 port 1: getInstances: connecting: Connection refused");
  config.host = "no-such-host.invalid";
  CHECK_FALSE(test::runOn(trial.context, trial.cloud(config)->list()));
}

TEST_CASE("the start finds out what would fail later") {
  Trial trial;
  CHECK(test::runOn(trial.context, trial.cloud()->start()));
  TashiConfig config = trial.server.config();
  config.owner = "";
  CHECK(test::runOn(trial.context, trial.cloud(config)->start()).error().kind() ==
        ErrorKind::kInvalid);
  config = trial.server.config();
  config.image_folder = "/nonexistent";
  CHECK_FALSE(test::runOn(trial.context, trial.cloud(config)->start()));
  config = trial.hasty();
  config.port = 1;
  CHECK_FALSE(test::runOn(trial.context, trial.cloud(config)->start()));
}
