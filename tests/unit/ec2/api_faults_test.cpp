// What EC2, or the way to it, may do to a call.
#include <boost/asio/steady_timer.hpp>

#include "unit/ec2/clouds.hpp"

using namespace tango::test;
using tango::base::ErrorKind;
using tango::base::Millis;
using State = tango::vmms::remote::Instance::State;

namespace {

tango::model::MachineSpec brought(const std::string& id, const std::string& secret) {
  auto spec = gibibyte();
  spec.account = {id, secret};
  return spec;
}

tango::model::MachineSpec ofOther() {
  return brought(region().toldOfOther("access_key_id"), region().toldOfOther("secret_access_key"));
}

void badSignaturesAreMeant() {
  CHECK(has(region().violations(), "BadSignature"));
  region().say("violations", {{"clear", true}});
}

}  // namespace

TEST_CASE("what is throttled, broken or unanswered is tried again") {
  for (const char* kind : {"cut", "garbage", "html", "truncated"}) {
    CAPTURE(kind);
    Fresh fresh;
    region().fault("DescribeInstances", kind, 2, "Unavailable", 503);
    CHECK(fresh.list().empty());
    CHECK(region().calls("DescribeInstances").size() == 3);
  }
  Fresh fresh;
  region().fault("DescribeInstances", "error", 2, "RequestLimitExceeded", 503);
  region().fault("RunInstances", "error", 2, "InternalError", 500);
  REQUIRE(fresh.create(1).ok());
  CHECK(region().instances().size() == 1);
}

TEST_CASE("an answer that never comes is given up, and asked for anew") {
  Fresh fresh;
  fresh.config.answer_max = Millis(300);
  region().fault("DescribeInstances", "hang");
  CHECK(fresh.list().empty());
  CHECK(region().calls("DescribeInstances").size() == 2);
}

TEST_CASE("trouble without end ends with its own words, once the time is over") {
  Fresh fresh;
  fresh.config.call_max = Millis(700);
  region().fault("DescribeInstances", "error", -1, "RequestLimitExceeded", 503);
  const auto listed = runOn(fresh.context, fresh.cloud().list());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind() == ErrorKind::kSystem);
  CHECK(has(listed.error().message(), "RequestLimitExceeded"));
  const auto started = runOn(fresh.context, fresh.cloud().start());
  CHECK(started);  // it may pass
}

TEST_CASE("an endpoint that nobody answers at is trouble, not the configuration's fault") {
  Fresh fresh;
  fresh.config.endpoint = "http://127.0.0.1:1";
  fresh.config.call_max = Millis(500);
  CHECK(runOn(fresh.context, fresh.cloud().list()).error().kind() == ErrorKind::kSystem);
}

TEST_CASE("a right that is missing is named") {
  Fresh fresh;
  region().say("key",
               {{"access_key_id", region().told("access_key_id")}, {"denied", {"RunInstances"}}});
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kInvalid);
  CHECK(has(none.error().message(), "ec2:RunInstances"));
  CHECK(region().calls("RunInstances").size() == 1);
}

TEST_CASE("credentials that EC2 refuses are tried once more, and then told without the secret") {
  Fresh fresh;
  fresh.config.credentials.secret_access_key = "wrong-secret";
  const auto listed = runOn(fresh.context, fresh.cloud().list());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind() == ErrorKind::kInvalid);
  CHECK_FALSE(has(listed.error().message(), "wrong-secret"));
  CHECK(runOn(fresh.context, fresh.cloud().start()).error().kind() == ErrorKind::kInvalid);
  badSignaturesAreMeant();
}

TEST_CASE("a service without credentials says where it has looked") {
  Fresh fresh;
  fresh.config.credentials = {};
  fresh.config.credentials.environment = {{"HOME", fresh.folder.path().string()},
                                          {"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto started = runOn(fresh.context, fresh.cloud().start());
  REQUIRE_FALSE(started);
  CHECK(started.error().kind() == ErrorKind::kInvalid);
  CHECK(has(started.error().message(), "credentials"));
}

TEST_CASE("a clock that is off is told with by how much, and jobs wait") {
  Fresh fresh;
  region().say("set", {{"clock_off_s", 1000}});
  const auto listed = runOn(fresh.context, fresh.cloud().list());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind() == ErrorKind::kSystem);
  CHECK(has(listed.error().message(), "seconds behind"));
}

TEST_CASE("a group or key pair that somebody deletes is made again") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  region().fault("RunInstances", "error", 1, "InvalidKeyPair.NotFound", 400);
  REQUIRE(fresh.create(2).ok());
  CHECK(region().calls("DescribeKeyPairs").size() == 2);
  region().fault("RunInstances", "error", -1, "InvalidGroup.NotFound", 400);
  const auto none = fresh.create(3);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kSystem);
}

TEST_CASE("whoever gives up before anything was asked for is told that nothing was made") {
  Fresh fresh;
  const auto give_up = std::make_shared<tango::async::Event>(fresh.context.get_executor());
  give_up->set();
  CHECK(fresh.create(1, gibibyte(), give_up).error().kind() == ErrorKind::kCancelled);
  CHECK(region().calls("RunInstances").empty());
}

TEST_CASE("whoever gives up between two attempts does not wait for the next") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  region().fault("RunInstances", "error", -1, "RequestLimitExceeded", 503);
  const auto give_up = std::make_shared<tango::async::Event>(fresh.context.get_executor());
  boost::asio::steady_timer soon(fresh.context, std::chrono::milliseconds(300));
  soon.async_wait([give_up](const boost::system::error_code&) { give_up->set(); });
  const auto none = fresh.create(2, gibibyte(), give_up);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kCancelled);
  CHECK(region().instances().size() == 1);
}

TEST_CASE("whoever gives up while an instance is made is told which, so that it can be destroyed") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  region().say("fault", {{"action", "RunInstances"}, {"kind", "slow"}, {"delay_s", 1.0}});
  const auto give_up = std::make_shared<tango::async::Event>(fresh.context.get_executor());
  boost::asio::steady_timer soon(fresh.context, std::chrono::milliseconds(200));
  soon.async_wait([give_up](const boost::system::error_code&) { give_up->set(); });
  const auto id = fresh.create(2, gibibyte(), give_up);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(runOn(fresh.context, fresh.cloud().destroy(*id)));
  CHECK(fresh.comesTrue(*id, [](const auto& each) { return each.state == State::kGone; }));
}

TEST_CASE("a job's own account has its instance, listed and destroyed there") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  const auto theirs = fresh.create(2, ofOther());
  REQUIRE_MESSAGE(theirs.ok(), (theirs ? "" : theirs.error().message()));
  CHECK(fresh.list().size() == 2);
  CHECK(runOn(fresh.context, fresh.cloud().hostKeys(*theirs)));
  CHECK(runOn(fresh.context, fresh.cloud().renew({*theirs})));
  CHECK(runOn(fresh.context, fresh.cloud().destroy(*theirs)));
  CHECK(fresh.comesTrue(*theirs, [](const auto& each) { return each.state == State::kGone; }));
  CHECK(region().instances().size() == 1);
}

TEST_CASE("a job's account that is refused fails its own job alone") {
  Fresh fresh;
  const auto none = fresh.create(1, brought("AKIANOBODY", "nothing"));
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kInvalid);
  CHECK_FALSE(has(none.error().message(), "nothing"));
  const auto wrong = fresh.create(2, brought(region().toldOfOther("access_key_id"), "wrong"));
  CHECK(wrong.error().kind() == ErrorKind::kInvalid);
  badSignaturesAreMeant();
  REQUIRE(fresh.create(3).ok());
  CHECK(fresh.list().size() == 1);
}

TEST_CASE("a job's account that is out of reach hides nothing, and its instances stay as seen") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  const auto theirs = fresh.create(2, ofOther());
  REQUIRE(theirs.ok());
  CHECK(fresh.list().size() == 2);
  region().say("forget_key", {{"access_key_id", region().toldOfOther("access_key_id")}});
  CHECK(fresh.list().size() == 2);
}

TEST_CASE("a service without an account of its own makes what jobs pay for") {
  Fresh fresh;
  fresh.config.credentials = {};
  fresh.config.credentials.environment = {{"HOME", fresh.folder.path().string()},
                                          {"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto theirs = fresh.create(1, ofOther());
  REQUIRE_MESSAGE(theirs.ok(), (theirs ? "" : theirs.error().message()));
  CHECK(fresh.list().size() == 1);
  CHECK(fresh.create(2).error().kind() == ErrorKind::kInvalid);
}
