// Which instances are ours, how they are, and for how long they are remembered.
#include "vmms/ec2/listing.hpp"

#include <doctest/doctest.h>

#include "vmms/ec2/tags.hpp"
#include "vmms/ec2/tracked.hpp"

using namespace tango::vmms::ec2;
using namespace std::chrono_literals;
using tango::base::ErrorKind;
using tango::model::VmName;
using State = tango::vmms::remote::Instance::State;

namespace {

std::string item(const std::string& id, const std::string& state, const std::string& tags,
                 const std::string& more = "") {
  return "<item><instanceId>" + id + "</instanceId><instanceState><name>" + state +
         "</name></instanceState><tagSet>" + tags + "</tagSet>" + more + "</item>";
}

std::string tag(const std::string& key, const std::string& value) {
  return "<item><key>" + key + "</key><value>" + value + "</value></item>";
}

std::string ours(const std::string& id) {
  return tag("tango:owner", "cs") + tag("tango:prefix", "tango") + tag("tango:id", id) +
         tag("tango:image", "my image");
}

std::vector<Listed> listed(const std::string& items, const std::string& reservation = "r-1",
                           const Ownership& ownership = {"cs", "r-ours", false}) {
  const auto root = parseXml("<r><reservationSet><item><reservationId>" + reservation +
                             "</reservationId><instancesSet>" + items +
                             "</instancesSet></item></reservationSet></r>");
  return instancesIn(root->items("reservationSet"), ownership);
}

Listed instance(const std::string& id, State state) {
  Listed each;
  each.instance.id = id;
  each.instance.name = VmName{"tango", 1, id};
  each.instance.state = state;
  each.costs = state == State::kPending || state == State::kRunning;
  return each;
}

}  // namespace

TEST_CASE("an instance of ours is told with its name, state and address") {
  const auto all = listed(item("i-1", "running", ours("17"),
                               "<ipAddress>192.0.2.7</ipAddress>"
                               "<privateIpAddress>10.0.0.7</privateIpAddress>"));
  REQUIRE(all.size() == 1);
  CHECK(all[0].instance.id == "i-1");
  CHECK(all[0].instance.name == VmName{"tango", 17, "my image"});
  CHECK(all[0].instance.state == State::kRunning);
  CHECK(all[0].instance.address == "192.0.2.7");
  CHECK(all[0].instance.reason.empty());
  CHECK(all[0].costs);
  CHECK(listed(item("i-1", "running", ours("17"), "<privateIpAddress>10.0.0.7</privateIpAddress>"),
               "r-1", {"cs", "", true})[0]
            .instance.address == "10.0.0.7");
}

TEST_CASE("what is not ours, or of the reservation that is set apart, is never listed") {
  CHECK(listed(item("i-1", "running", "")).empty());
  CHECK(
      listed(item("i-1", "running", tag("tango:owner", "another") + tag("tango:id", "1"))).empty());
  CHECK(listed(item("i-1", "running", tag("tango:owner", "cs "))).empty());
  CHECK(listed(item("i-1", "running", ours("1")), "r-ours").empty());
  CHECK(listed(item("r-ours", "running", ours("1"))).empty());
  CHECK(listed(item("", "running", ours("1"))).empty());
  for (const char* id : {"", "x", "1x", "99999999999999999999"}) {
    CHECK(listed(item("i-1", "running", ours(id))).empty());
  }
}

TEST_CASE("every state of EC2 has its own, and only some cost money") {
  const auto state = [](const char* name) { return listed(item("i", name, ours("1"))).at(0); };
  CHECK(state("pending").instance.state == State::kPending);
  CHECK(state("shutting-down").instance.state == State::kLeaving);
  CHECK(state("stopping").instance.state == State::kLeaving);
  CHECK(state("stopped").instance.state == State::kLeaving);
  CHECK(state("terminated").instance.state == State::kGone);
  CHECK(state("pending").costs);
  CHECK(state("stopped").costs);
  CHECK_FALSE(state("shutting-down").costs);
  CHECK_FALSE(state("terminated").costs);
}

TEST_CASE("why an instance ended is told in EC2's words, once") {
  const auto reason = [](const std::string& more) {
    return listed(item("i", "terminated", ours("1"), more)).at(0).instance.reason;
  };
  CHECK(reason("<reason>User initiated (2026-11-24)</reason>") == "User initiated (2026-11-24)");
  CHECK(reason("<stateReason><code>Server.SpotInstanceTermination</code>"
               "<message>Server.SpotInstanceTermination: Spot instance termination</message>"
               "</stateReason>") == "Server.SpotInstanceTermination: Spot instance termination");
  CHECK(reason("<stateReason><code>Server.InternalError</code><message>it broke</message>"
               "</stateReason>") == "Server.InternalError: it broke");
  CHECK(reason("").empty());
}

TEST_CASE("tags can hold a name, or it is refused by its part") {
  CHECK(checkName({"tango", 1, "image"}));
  CHECK(checkName({"tango", 1, std::string(257, 'x')}).error().message().starts_with("image"));
  CHECK_FALSE(checkName({"tango", 1, "\xff"}));
  CHECK_FALSE(checkName({"\xc3", 1, "image"}));
  CHECK(checkOwner("cs-101.autumn_2026"));
  for (const char* bad : {"", "a b", "a*", "a/b", "\xc3\xbc"}) {
    CHECK(checkOwner(bad).error().kind() == ErrorKind::kInvalid);
  }
  CHECK_FALSE(checkOwner(std::string(65, 'x')));
}

TEST_CASE("what was made counts before EC2 lists it, and is asked for by its id") {
  const auto now = tango::base::Deadline{} + 1h;
  Tracked tracked;
  tracked.made("i-1", {"tango", 1, "a"}, now);
  CHECK(tracked.costing().size() == 1);
  CHECK(tracked.seen().empty());
  CHECK(tracked.isYoung("i-1", now + 1s));
  CHECK_FALSE(tracked.isYoung("i-1", now + 1h));
  CHECK(tracked.idOf("tango-1-a") == "i-1");
  tracked.listed({}, now);
  CHECK(tracked.missing() == std::vector<std::string>{"i-1"});
  tracked.forget(now + 1s);
  CHECK(tracked.knows("i-1"));
  tracked.forget(now + Tracked::kMissingMax + 1s);
  CHECK(tracked.empty());
}

TEST_CASE("an instance that ended is told for a while, with its reason, and then forgotten") {
  const auto now = tango::base::Deadline{} + 1h;
  Tracked tracked;
  tracked.listed({instance("i-1", State::kRunning)}, now);
  CHECK(tracked.seen().at(0).state == State::kRunning);
  tracked.listed({}, now + 1s);
  CHECK(tracked.seen().empty());
  CHECK(tracked.missing() == std::vector<std::string>{"i-1"});
  Listed gone = instance("i-1", State::kGone);
  gone.instance.reason = "Server.SpotInstanceTermination";
  tracked.lookedAt({gone}, now + 1s);
  CHECK(tracked.costing().empty());
  CHECK(tracked.idOf("tango-1-i-1").empty());
  tracked.listed({}, now + 2s);
  CHECK(tracked.missing().empty());
  REQUIRE(tracked.seen().size() == 1);
  CHECK(tracked.seen()[0].reason == "Server.SpotInstanceTermination");
  tracked.forget(now + Tracked::kGoneToldFor + 10s);
  CHECK(tracked.empty());
}

TEST_CASE("what is to end costs nothing any more, unless EC2 shows otherwise") {
  const auto now = tango::base::Deadline{} + 1h;
  Tracked tracked;
  tracked.listed({instance("i-1", State::kRunning)}, now);
  tracked.terminated("i-1");
  tracked.terminated("i-unknown");
  CHECK(tracked.costing().empty());
  CHECK_FALSE(tracked.knows("i-unknown"));
}
