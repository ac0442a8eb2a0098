// EC2's answers as a tree, and what is not one of them.
#include "vmms/ec2/xml.hpp"

#include <doctest/doctest.h>

using namespace tango::vmms::ec2;
using tango::base::ErrorKind;

TEST_CASE("an answer is read by names, whatever its namespaces and blanks") {
  const auto root = parseXml(R"(<?xml version="1.0" encoding="UTF-8"?>
    <DescribeKeyPairsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
      <requestId>59dbff89-35bd</requestId>
      <keySet><item><keyName>a &lt;b&gt; &#x41;</keyName></item>
              <item><keyName><![CDATA[<raw>]]></keyName></item></keySet>
      <none/>
    </DescribeKeyPairsResponse>)");
  REQUIRE(root);
  CHECK(root->name == "DescribeKeyPairsResponse");
  CHECK(root->at("requestId") == "59dbff89-35bd");
  REQUIRE(root->items("keySet").size() == 2);
  CHECK(root->items("keySet")[0].at("keyName") == "a <b> A");
  CHECK(root->items("keySet")[1].at("keyName") == "<raw>");
  CHECK(root->at("none").empty());
  CHECK(root->at("keySet/item/keyName") == "a <b> A");
  CHECK(root->at("not/there/at/all").empty());
  CHECK(root->items("nothing").empty());
}

TEST_CASE("blanks that belong to a value stay") {
  const auto root = parseXml("<a><value> x y </value></a>");
  REQUIRE(root);
  CHECK(root->at("value") == " x y ");
}

TEST_CASE("what is not XML is an error, never a crash") {
  for (const char* bad : {"", "   ", "{}", "<a>", "<a></b>", "<a", "\xff\xfe<", "<a>&;</a><",
                          "no angle brackets", "<?xml version='1.0'?>"}) {
    const auto root = parseXml(bad);
    if (root) {
      CHECK(root->children.empty());
    } else {
      CHECK(root.error().kind() == ErrorKind::kSystem);
    }
  }
  CHECK_FALSE(parseXml(""));
  CHECK_FALSE(parseXml("<a></b>"));
  CHECK_FALSE(parseXml("plain words"));
}

TEST_CASE("a document type is refused: no entity is ever expanded") {
  const auto bomb =
      parseXml("<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>");
  REQUIRE_FALSE(bomb);
  CHECK(bomb.error().message().find("document type") != std::string::npos);
  CHECK_FALSE(parseXml("<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><l/>"));
}

TEST_CASE("an answer that is too deep or too large is refused") {
  std::string deep;
  for (std::size_t at = 0; at <= kXmlDepthMax; ++at) {
    deep += "<a>";
  }
  for (std::size_t at = 0; at <= kXmlDepthMax; ++at) {
    deep += "</a>";
  }
  CHECK_FALSE(parseXml(deep));
  std::string large = "<a>";
  for (std::size_t at = 0; at < kXmlElementsMax; ++at) {
    large += "<b/>";
  }
  CHECK_FALSE(parseXml(large + "</a>"));
}
