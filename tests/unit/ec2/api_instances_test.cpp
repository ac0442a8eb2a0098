// Instances at an endpoint that holds every request against EC2's own model.
#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "unit/ec2/clouds.hpp"

using namespace tango::test;
using tango::base::ErrorKind;
using tango::base::Millis;
using State = tango::vmms::remote::Instance::State;

TEST_CASE("a service finds at its start whether it can make instances") {
  Fresh fresh;
  const auto started = runOn(fresh.context, fresh.cloud().start());
  REQUIRE_MESSAGE(started.ok(), (started ? "" : started.error().message()));
  const auto groups = region().say("groups").at("groups").as_array();
  CHECK(has(boost::json::serialize(groups), "tango-cs"));
  CHECK(has(boost::json::serialize(groups), "127.0.0.1/32"));
  CHECK_FALSE(has(boost::json::serialize(groups), "0.0.0.0/0"));
  CHECK(has(boost::json::serialize(region().say("key_pairs")), "tango-cs"));
  CHECK(region().instances().empty());
}

TEST_CASE("an instance is made, listed with its name, and destroyed") {
  Fresh fresh;
  fresh.config.user_data = "#!/bin/sh\necho hello\n";
  fresh.config.images["course"] = {"", "", "admin"};
  const auto id = fresh.create(1);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(fresh.comesTrue(*id, [](const auto& each) { return each.state == State::kRunning; }));
  const auto instances = region().instances();
  REQUIRE(instances.size() == 1);
  const auto& made = instances[0].as_object();
  CHECK(made.at("type").as_string() == "t3.small");
  CHECK(made.at("image").as_string() == "ami-0a0000000000000e2");  // the newest of Canonical's own
  CHECK(made.at("tags").as_object().at("tango:owner").as_string() == "cs");
  CHECK(made.at("tags").as_object().at("Name").as_string() == "tango-1-course");
  CHECK(made.at("key").as_string() == "tango-cs");
  CHECK(made.at("user_data").as_string() == "#!/bin/sh\necho hello\n");
  CHECK(made.at("ends_by_shutdown").as_bool());
  CHECK(made.at("volume_goes").as_bool());
  CHECK(made.at("tokens_required").as_bool());
  CHECK(made.at("reachable").as_bool());
  const auto listed = fresh.list();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].name == tango::model::VmName{"tango", 1, "course"});
  const auto target = fresh.cloud().target(listed[0]);
  CHECK(target.user == "admin");
  CHECK(target.key_file == (fresh.folder.path() / "keys" / "tango-cs").string());

  CHECK(runOn(fresh.context, fresh.cloud().destroy(*id)));
  CHECK(fresh.comesTrue(*id, [](const auto& each) {
    return each.state == State::kGone && has(each.reason, "UserInitiated");
  }));
  CHECK(region().instances().empty());
  CHECK(runOn(fresh.context, fresh.cloud().destroy(*id)));
}

TEST_CASE("a second call for the same name makes no second machine") {
  Fresh fresh;
  const auto first = fresh.create(1);
  const auto second = fresh.create(1);
  REQUIRE(second.ok());
  CHECK(*first == *second);
  fresh.restart();
  CHECK(fresh.create(1).value() == *first);
  CHECK(region().instances().size() == 1);
}

TEST_CASE("an answer that is lost makes no second machine") {
  Fresh fresh;
  region().fault("RunInstances", "lost");
  const auto id = fresh.create(1);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(region().calls("RunInstances").size() == 2);
  CHECK(region().instances().size() == 1);
}

TEST_CASE("no more instances are made than may be, at once and one by one") {
  Fresh fresh;
  fresh.config.instances_max = 2;
  std::vector<tango::base::Result<std::string>> all;
  int under_way = 4;
  const auto one = [&](std::int64_t id) -> boost::asio::awaitable<void> {
    auto made = co_await fresh.cloud().create({"tango", id, "course"}, gibibyte(), nullptr);
    all.push_back(std::move(made));
    --under_way;
  };
  for (std::int64_t id = 1; id <= 4; ++id) {
    boost::asio::co_spawn(fresh.context, one(id), boost::asio::detached);
  }
  fresh.context.restart();
  while (under_way > 0) {
    fresh.context.run_one();
  }
  const auto made =
      std::count_if(all.begin(), all.end(), [](const auto& each) { return each.ok(); });
  CHECK(made == 2);
  CHECK(region().instances().size() == 2);
  for (const auto& each : all) {
    if (!each) {
      CHECK(each.error().kind() == ErrorKind::kSystem);
      CHECK(has(each.error().message(), "instances_max"));
    }
  }
  // What an earlier service left counts too.
  fresh.restart();
  CHECK_FALSE(fresh.create(9));
  CHECK(region().instances().size() == 2);
}

TEST_CASE("a place is free again once its instance is to end") {
  Fresh fresh;
  fresh.config.instances_max = 1;
  const auto first = fresh.create(1);
  REQUIRE(first.ok());
  CHECK_FALSE(fresh.create(2));
  CHECK(runOn(fresh.context, fresh.cloud().destroy(*first)));
  CHECK(fresh.create(2));
}

TEST_CASE("nothing is listed or destroyed that is not ours") {
  Fresh fresh;
  const auto add = [](const boost::json::object& fields) {
    return std::string(region().say("add_instance", fields).at("id").as_string());
  };
  const std::string theirs = add({{"tags", {{"tango:owner", "another"}, {"tango:id", "1"}}}});
  const std::string bare = add({});
  const std::string apart =
      add({{"tags", {{"tango:owner", "cs"}, {"tango:id", "7"}}}, {"reservation", "r-tangoitself"}});
  fresh.config.reservation_id = "r-tangoitself";
  CHECK(fresh.list().empty());
  for (const std::string& id : {theirs, bare, apart, std::string("i-0123"), std::string("*")}) {
    CHECK(runOn(fresh.context, fresh.cloud().destroy(id)));
  }
  CHECK(region().instances().size() == 3);
  CHECK(region().calls("TerminateInstances").empty());
}

TEST_CASE("instances of an earlier service are listed, and can be destroyed by their ids") {
  Fresh fresh;
  const auto id = fresh.create(1);
  REQUIRE(id.ok());
  fresh.restart();
  CHECK(runOn(fresh.context, fresh.cloud().destroy(*id)));
  CHECK(fresh.comesTrue(*id, [](const auto& each) { return each.state == State::kGone; }));
}

TEST_CASE("a list of many pages is one list") {
  Fresh fresh;
  fresh.config.instances_max = 7;
  for (std::int64_t id = 1; id <= 7; ++id) {
    REQUIRE(fresh.create(id).ok());
  }
  region().say("set", {{"page", 2}});
  CHECK(fresh.list().size() == 7);
  CHECK(region().calls("DescribeInstances").size() >= 4);
}

TEST_CASE("lists at the same time are one request") {
  Fresh fresh;
  CHECK(fresh.list().empty());
  const auto before = region().calls("DescribeInstances").size();
  int under_way = 5;
  const auto one = [&]() -> boost::asio::awaitable<void> {
    const auto listed = co_await fresh.cloud().list();
    CHECK(listed.ok());
    --under_way;
  };
  for (int at = 0; at < 5; ++at) {
    boost::asio::co_spawn(fresh.context, one(), boost::asio::detached);
  }
  fresh.context.restart();
  while (under_way > 0) {
    fresh.context.run_one();
  }
  CHECK(region().calls("DescribeInstances").size() == before + 1);
}

TEST_CASE("an instance that EC2 takes away is gone, with EC2's reason") {
  Fresh fresh;
  fresh.config.spot = true;
  fresh.config.spot_price_max = "1.5";
  const auto id = fresh.create(1);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(region().instances()[0].as_object().at("spot").as_bool());
  region().say("end", {{"id", *id},
                       {"code", "Server.SpotInstanceTermination"},
                       {"message", "Spot instance termination"}});
  CHECK(fresh.comesTrue(*id, [](const auto& each) {
    return each.state == State::kGone && has(each.reason, "Server.SpotInstanceTermination");
  }));
}

TEST_CASE("an instance that is not shown for a while can be destroyed all the same") {
  Fresh fresh;
  region().say("set", {{"invisible_s", 0.7}});
  const auto id = fresh.create(1);
  REQUIRE(id.ok());
  CHECK(fresh.list().empty());
  CHECK(runOn(fresh.context, fresh.cloud().destroy(*id)));
  CHECK(fresh.comesTrue(*id, [](const auto& each) { return each.state == State::kGone; }));
  CHECK(region().calls("TerminateInstances").size() > 1);
}

TEST_CASE("leases begin anew for what is there, and what is gone does not hinder it") {
  Fresh fresh;
  fresh.config.lease = Millis(90'000);
  const auto first = fresh.create(1);
  const auto second = fresh.create(2);
  REQUIRE((first.ok() && second.ok()));
  region().say("tag", {{"id", *first}, {"tags", {{"tango:lease-until", "old"}}}});
  region().say("hide", {{"id", *second}, {"seconds", 3600}});
  CHECK(runOn(fresh.context, fresh.cloud().renew({*first, *second, "i-unknown"})));
  CHECK_FALSE(has(boost::json::serialize(region().instances()), "\"old\""));
}

TEST_CASE("host keys are those that the console shows") {
  Fresh fresh;
  const auto id = fresh.create(1);
  REQUIRE(id.ok());
  const auto keys = [&] { return runOn(fresh.context, fresh.cloud().hostKeys(*id)); };
  CHECK(keys().value().empty());
  region().say("console", {{"id", *id},
                           {"text",
                            "boot\n-----BEGIN SSH HOST KEY KEYS-----\n"
                            "ssh-ed25519 AAAAC3Nz root@a\n"
                            "-----END SSH HOST KEY KEYS-----\n"}});
  CHECK(keys().value() == std::vector<std::string>{"ssh-ed25519 AAAAC3Nz"});
  region().fault("GetConsoleOutput", "error", 1, "UnsupportedOperation", 400);
  CHECK(keys().value().size() == 1);
  CHECK_FALSE(runOn(fresh.context, fresh.cloud().hostKeys("i-0123")));
}
