#include "vmms/tashi/instances.hpp"

#include <doctest/doctest.h>

#include "unit/tashi/golden_pickles.hpp"
#include "vmms/tashi/instance_state.hpp"
#include "vmms/tashi/pickle_reader.hpp"

using namespace tango;
using namespace tango::vmms::tashi;
using State = vmms::remote::Instance::State;

namespace {

Pickle pickleIn(std::string_view text) {
  base::Result<Pickle> pickle = readPickle(text);
  REQUIRE(pickle);
  return *std::move(pickle);
}

std::string whyNot(std::string_view text) {
  const auto instances = instancesOf(pickleIn(text));
  return instances ? "they were read" : instances.error().message();
}

}  // namespace

TEST_CASE("instances have their id, name, state, address and hints") {
  const auto instances = instancesOf(pickleIn(test::kTwoInstances));
  REQUIRE(instances);
  REQUIRE(instances->size() == 2);
  const TashiInstance& instance = instances->front();
  CHECK(instance.id == 7);
  CHECK(instance.state == 3);
  CHECK(instance.name == "t-7-a");
  CHECK(instance.ip == "172.16.1.9");
  CHECK(instance.hints.at("tango_owner") == "o");
}

TEST_CASE("what is no list of instances is said") {
  CHECK(whyNot("N.") == "an answer that is not Tashi's: None in the place of a list of instances");
  CHECK(whyNot("(lNa.") == "an answer that is not Tashi's: None in the place of an instance");
  CHECK(whyNot("(lctashi.rpycservices.rpyctypes\nInstance\n(tRa.") ==
        "an answer that is not Tashi's: an instance without an id");
  CHECK(whyNot("(lctashi.rpycservices.rpyctypes\nInstance\n(tR(dS'id'\nI4\nsba.") ==
        "an answer that is not Tashi's: the instance 4 has no state or no name");
  CHECK(whyNot("(lctashi.rpycservices.rpyctypes\nDiskConfiguration\n(tRa.") ==
        "an answer that is not Tashi's: an object of the class DiskConfiguration in the place of "
        "an instance");
}

TEST_CASE("an instance without cards or hints, or with odd ones, has no address and no hints") {
  for (const char* const more : {"", "S'nics'\nNs", "S'nics'\n(lsS'hints'\nNs",
                                 "S'nics'\n(lNasS'hints'\n(dI1\nI2\nss", "S'nics'\nS'a'\ns"}) {
    CAPTURE(more);
    const auto instances = instancesOf(pickleIn(
        std::string("(lctashi.rpycservices.rpyctypes\nInstance\n(tR(dS'id'\nI4\nsS'state'\n"
                    "I3\nsS'name'\nS'a'\ns") +
        more + "ba."));
    REQUIRE(instances);
    CHECK(instances->front().ip.empty());
    CHECK(instances->front().hints.empty());
  }
}

TEST_CASE("exceptions are refusals, in Tashi's words") {
  const auto none = refusalIn(pickleIn(test::kTwoInstances));
  CHECK_FALSE(none);
  const auto unknown = refusalIn(pickleIn(test::kNoSuchInstancePickle));
  REQUIRE(unknown);
  CHECK(unknown->number == kNoSuchInstance);
  CHECK(unknown->words == "No such instanceId - 9");
  const auto odd = refusalIn(pickleIn(test::kValueErrorPickle));
  REQUIRE(odd);
  CHECK(odd->number == 0);
  CHECK(odd->words == "ValueError: it's odd");
  const auto bare = refusalIn(pickleIn("cexceptions\nKeyError\n(tR."));
  REQUIRE(bare);
  CHECK(bare->words == "KeyError");
}

TEST_CASE("an exception whose message is in what it was made with is one as well") {
  const auto refusal = refusalIn(pickleIn(
      "ctashi.rpycservices.rpyctypes\nTashiException\n((dS'msg'\nS'no'\nsS'errno'\nI8\nstR."));
  REQUIRE(refusal);
  CHECK(refusal->number == 8);
  CHECK(refusal->words == "no");
}

TEST_CASE("of a traceback the last line is told") {
  const auto refusal = refusalIn(
      pickleIn("ctashi.rpycservices.rpyctypes\nTashiException\n(tR(dS'errno'\nI1\nsS'msg'\n"
               "S'Traceback (most recent call last):\\n  File \"x.py\"\\nOSError: disk\\x07 "
               "full\\n\\n'\nsb."));
  REQUIRE(refusal);
  CHECK(refusal->words == "OSError: disk  full");
}

TEST_CASE("the arguments of the calls are pickles of protocol 0") {
  CHECK(getInstancesArguments() == "(t.");
  CHECK(destroyVmArguments(12) == "(I12\nt.");
  WantedInstance wanted;
  wanted.name = "t-1-a";
  wanted.cores = 2;
  wanted.memory_mib = 768;
  wanted.disk_uri = "a.img";
  wanted.mac = "52:54:00:aa:bb:cc";
  wanted.network = 1;
  wanted.user_id = 42;
  wanted.hints = {{"tango_image", "it's\n\xc3\xa9\\"}};
  CHECK(createVmArguments(wanted) ==
        "(ctashi.rpycservices.rpyctypes\nInstance\n(tR(dS'name'\nS't-1-a'\nsS'cores'\nI2\ns"
        "S'memory'\nI768\nsS'disks'\n(lctashi.rpycservices.rpyctypes\nDiskConfiguration\n(tR(d"
        "S'uri'\nS'a.img'\nsS'persistent'\nI00\nsbasS'nics'\n(lctashi.rpycservices.rpyctypes\n"
        "NetworkConfiguration\n(tR(dS'mac'\nS'52:54:00:aa:bb:cc'\nsS'network'\nI1\nsbas"
        "S'userId'\nI42\nsS'hints'\n(dS'tango_image'\nS'it\\'s\\x0a\\xc3\\xa9\\\\'\nssbt.");
}

TEST_CASE("what we write is read again as the same") {
  WantedInstance wanted;
  wanted.name = "t-1-a";
  wanted.hints = {{"a", std::string("\0\x01'\"\\\n\xff", 7)}};
  const Pickle pickle = pickleIn(createVmArguments(wanted));
  const PickleValue& instance = *pickle.root->items()->front();
  CHECK(*instance.textAt("name") == "t-1-a");
  CHECK(*instance.at("hints")->textAt("a") == std::string("\0\x01'\"\\\n\xff", 7));
}

TEST_CASE("states mean what becomes of a machine") {
  for (const std::int64_t state : {1, 2, 8, 99, -1}) {
    CHECK(meaningOf(state).state == State::kPending);
  }
  for (const std::int64_t state : {3, 4, 5, 6, 9, 10, 13}) {
    CHECK(meaningOf(state).state == State::kRunning);
    CHECK(meaningOf(state).reason.empty());
  }
  for (const std::int64_t state : {7, 11, 12, 14, 15, 16}) {
    CHECK(meaningOf(state).state == State::kLeaving);
    CHECK_FALSE(meaningOf(state).reason.empty());
  }
  for (const std::int64_t state : {14, 15, 16}) {
    CHECK(meaningOf(state).stuck);
  }
}
