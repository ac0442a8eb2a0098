#include "vmms/tashi/pickle_reader.hpp"

#include <string>

#include <doctest/doctest.h>

#include "unit/tashi/golden_pickles.hpp"

using namespace tango;
using namespace tango::vmms::tashi;

namespace {

std::string whyNot(std::string_view text) {
  const base::Result<Pickle> pickle = readPickle(text);
  return pickle ? "it was read" : pickle.error().message();
}

bool isRefused(std::string_view text, std::string_view why) {
  return whyNot(text).find(why) != std::string::npos;
}

std::string many(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t time = 0; time < times; ++time) {
    all += text;
  }
  return all;
}

}  // namespace

TEST_CASE("plain values are read as Python 2 wrote them") {
  const auto pickle = readPickle(test::kPlainValues);
  REQUIRE(pickle);
  const auto& items = pickle->root->as<PickleList>()->items;
  REQUIRE(items.size() == 8);
  CHECK(*items[0]->as<bool>());
  CHECK_FALSE(*items[1]->as<bool>());
  CHECK(items[2]->isNone());
  CHECK(*items[3]->as<std::int64_t>() == -5);
  CHECK(*items[4]->as<std::int64_t>() == 1'099'511'627'776);
  CHECK(*items[5]->as<double>() == 1.5);
  const auto& tuple = items[6]->as<PickleTuple>()->items;
  CHECK(*tuple[1]->as<std::string>() == "x\n\x7f\xe9'\"");
  CHECK(items[7]->as<PickleDict>()->items.empty());
}

TEST_CASE("objects are read, and one that comes twice is one") {
  const auto pickle = readPickle(test::kTwoInstances);
  REQUIRE(pickle);
  const auto& items = pickle->root->as<PickleList>()->items;
  REQUIRE(items.size() == 2);
  CHECK(items[0] == items[1]);
  const PickleValue& instance = *items[0];
  CHECK(instance.kind() == "an object of the class Instance");
  CHECK(*instance.textAt("name") == "t-7-a");
  CHECK(instance.numberAt("memory") == 512);
  CHECK(instance.at("vmId")->isNone());
  CHECK(instance.at("absent") == nullptr);
  const PickleValue& disk = *instance.at("disks")->items()->front();
  CHECK(*disk.textAt("uri") == "a.img");
  CHECK(*instance.at("hints")->textAt("caf\xc3\xa9") == "\xe2\x82\xac\xf0\x9f\x98\x80\n\\");
}

TEST_CASE("objects of old-style classes, and a list that holds itself, are read") {
  const auto old = readPickle("(itashi.rpycservices.rpyctypes\nInstance\np1\n(dp2\nS'id'\nI1\nsb.");
  REQUIRE(old);
  CHECK(old->root->numberAt("id") == 1);
  const auto circle = readPickle("(lp1\ng1\na.");
  REQUIRE(circle);
  CHECK(circle->root->items()->front() == circle->root);
}

TEST_CASE("the last of two values of a key counts") {
  const auto pickle = readPickle("(dS'a'\nI1\nsS'a'\nI2\ns.");
  REQUIRE(pickle);
  CHECK(pickle->root->numberAt("a") == 2);
}

TEST_CASE("halves of surrogate pairs are put together, and replaced where they are alone") {
  CHECK(*readPickle("V\\ud83d\\ude00\n.")->root->as<std::string>() == "\xf0\x9f\x98\x80");
  CHECK(*readPickle("V\\ud83dx\n.")->root->as<std::string>() == "\xef\xbf\xbdx");
  CHECK(*readPickle("V\\ude00\n.")->root->as<std::string>() == "\xef\xbf\xbd");
  CHECK(*readPickle("V\\ud83d\n.")->root->as<std::string>() == "\xef\xbf\xbd");
}

TEST_CASE("a class that is not Tashi's is refused, whatever is done with it") {
  for (const char* const text :
       {"cos\nsystem\n(S'true'\ntR.", "cposix\nsystem\n.", "(S'true'\nios\nsystem\n.",
        "c__builtin__\neval\n(S'1'\ntR.", "ctashi.rpycservices.rpyctypes\nHost\n(tR.",
        "ctashi.rpycservices\nrpycservices\n.", "csubprocess\nPopen\n.", "c\n\n."}) {
    CAPTURE(text);
    CHECK(isRefused(text, "which is no class of Tashi's answers"));
  }
  CHECK(isRefused("c" + many("a", 100'000) + "\nb\n.", "which is no class"));
}

TEST_CASE("what makes objects for Python makes nothing else here") {
  CHECK(isRefused("c__builtin__\nobject\n(tR.", "makes an object of __builtin__.object"));
  CHECK(isRefused("(icopy_reg\n_reconstructor\n.", "makes an object of copy_reg"));
  CHECK(isRefused("ccopy_reg\n_reconstructor\n(S'a'\ntR.", "an object of no class"));
  CHECK(isRefused("ccopy_reg\n_reconstructor\n(tR.", "an object of no class"));
  CHECK(
      isRefused("ccopy_reg\n_reconstructor\n(c__builtin__\nobject\ntR.", "an object of no class"));
  CHECK(isRefused("S'os.system'\n(tR.", "makes an object of a text"));
  CHECK(isRefused("cexceptions\nOSError\nS'a'\nR.", "makes an object of"));
}

TEST_CASE("a pickle that is cut off anywhere is refused") {
  for (std::size_t size = 0; size < test::kTwoInstances.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(readPickle(test::kTwoInstances.substr(0, size)));
  }
}

TEST_CASE("steps without their operands are refused") {
  for (const char* const text : {".",      "a.",     "Na.",   "NNa.",    "(lNs.",
                                 "NNNs.",  "t.",     "l.",    "d.",      "(Nd.",
                                 "R.",     "b.",     "NNb.",  "(dNb.",   "(N.",
                                 "NN.",    "p0\n.",  "g0\n.", "Np-1\n.", "Np99999999999\n.",
                                 "Npx\n.", "Ng1\n.", "N(a.",  "(l(Na.",  "N.N",
                                 "N.\n"}) {
    CAPTURE(text);
    CHECK_FALSE(readPickle(text));
  }
}

TEST_CASE("numbers and texts that are none are refused") {
  for (const char* const text :
       {"I\n.", "Ix\n.", "I1 \n.", "I99999999999999999999\n.", "L\n.", "LL\n.", "L1LL\n.", "Fx\n.",
        "F\n.", "S\n.", "S'\n.", "Sa\n.", "S'a\"\n.", "S'\\\n.", "S'\\'\n.", "S'\\x1'\n.",
        "V\\u12\n.", "V\\U00110000\n."}) {
    CAPTURE(text);
    CHECK_FALSE(readPickle(text));
  }
}

TEST_CASE("steps of other protocols, persistent ids and ext codes are refused") {
  for (const char* const text : {"\x80\x02N.", "P1\n.", "NQ.", "]", "}.", ").", "K\x01.", "U\x01x.",
                                 "\x82\x01.", "(lNe.", "2.", "0."}) {
    CAPTURE(text);
    CHECK(isRefused(text, "protocol 0 has no step"));
  }
}

TEST_CASE("depth, values and references have bounds") {
  CHECK(isRefused(many("(", 100'000), "too deep"));
  CHECK(readPickle(many("(", kPickleDepthMax) + many("t", kPickleDepthMax) + "."));
  CHECK(isRefused("(l" + many("Na", kPickleValuesMax) + ".", "too many values"));
  CHECK(isRefused("(lp1\n" + many("g1\na", kPickleValuesMax + 1) + ".", "too many values"));
  CHECK(isRefused(many("N", kPickleBytesMax + 1), "too large"));
}
