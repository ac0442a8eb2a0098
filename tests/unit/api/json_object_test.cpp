#include "api/json_object.hpp"

#include <string>

#include <doctest/doctest.h>

namespace tango::api {
namespace {

std::string refusal(std::string_view text) {
  const auto parsed = parseObject(text);
  return parsed ? "" : parsed.error().message();
}

std::string nested(std::size_t depth) {
  return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

TEST_CASE("an object is read with all that is in it") {
  const auto parsed = parseObject(R"( {"a": [1, {"b": "é"}], "c": null} )");
  REQUIRE(parsed.ok());
  CHECK(parsed->size() == 2);
  CHECK(parsed->at("a").at(1).at("b").as_string() == "é");
}

TEST_CASE("what is no JSON object is refused") {
  for (const char* text :
       {"", " ", "{", "}", "{}{}", "{\"a\":}", "{'a':1}", "{\"a\":NaN}", "{\"a\":01}", "{\"a\":1,}",
        "{\"a\":\"\xff\"}", "a=b", "\xef\xbb\xbf{}"}) {
    CAPTURE(text);
    CHECK(refusal(text).find("is not JSON") != std::string::npos);
  }
  for (const char* text : {"[]", "null", "1", "\"a\"", "true"}) {
    CAPTURE(text);
    CHECK(refusal(text) == "the body is not a JSON object");
  }
}

TEST_CASE("a key that comes twice in one object is named, however it is written") {
  CHECK(refusal(R"({"image":"a","x":1,"image":"b"})") ==
        "the body has the field 'image' twice in one object");
  CHECK(refusal(R"({"f":[{"a":1},{"\u0061":1,"a":2}]})") ==
        "the body has the field 'a' twice in one object");
  CHECK(refusal(R"({"":1,"":2})").find("twice") != std::string::npos);
}

TEST_CASE("the same key in different objects is no matter") {
  CHECK(refusal(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})").empty());
}

TEST_CASE("nesting has a bound") {
  CHECK(refusal(nested(10)).empty());
  CHECK(refusal(nested(100)).find("is not JSON") != std::string::npos);
  CHECK_FALSE(refusal(std::string(1'000'000, '[')).empty());
}

}  // namespace
}  // namespace tango::api
