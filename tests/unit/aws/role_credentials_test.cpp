#include "aws/role_credentials.hpp"

#include <doctest/doctest.h>

using tango::aws::Credentials;
using tango::aws::parseIsoUtc;
using tango::aws::parseRoleCredentials;
using tango::base::ErrorKind;

namespace {

constexpr std::string_view kGood =
    R"({"Code":"Success","LastUpdated":"2026-11-24T10:00:00Z","Type":"AWS-HMAC",)"
    R"("AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret/+","Token":"token==",)"
    R"("Expiration":"2026-11-24T16:31:48Z"})";

std::string without(std::string_view part, std::string_view instead = "") {
  std::string text(kGood);
  text.replace(text.find(part), part.size(), instead);
  return text;
}

}  // namespace

TEST_CASE("a role's credentials are read with their expiry") {
  const auto read = parseRoleCredentials(kGood, "here");
  REQUIRE(read.ok());
  CHECK(*read == Credentials{"ASIAEXAMPLE", "secret/+", "token==", 1795537908});
}

TEST_CASE("a role that is refused is invalid, and only a code is shown") {
  const auto word =
      parseRoleCredentials(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"HUSH"})", "here");
  REQUIRE(!word.ok());
  CHECK(word.error().kind() == ErrorKind::kInvalid);
  CHECK(word.error().message() == "here: it is refused (AssumeRoleUnauthorizedAccess)");
  for (const std::string code : {R"("a b")", R"("\u001b[0m")", R"("1")"}) {
    const auto odd = parseRoleCredentials(R"({"Code":)" + code + "}", "here");
    REQUIRE(!odd.ok());
    CHECK(odd.error().message() == "here: it is refused (an unknown code)");
  }
}

TEST_CASE("anything else may be better the next time, and none of it is shown") {
  for (const std::string& text :
       {std::string(), std::string("<html>secret/+</html>"), std::string("[]"), std::string("{}"),
        std::string(kGood.substr(0, kGood.size() - 1)), std::string(kGood) + "x",
        without(R"("AccessKeyId":"ASIAEXAMPLE",)"), without(R"("SecretAccessKey":"secret/+",)"),
        without(R"("Token":"token==",)"), without("2026-11-24T16:31:48Z", "soon"),
        without(R"("secret/+")", "7"), without("ASIAEXAMPLE", "AS IA"),
        without("ASIAEXAMPLE", "a/b"), without("token==", R"(secret\r\nX: y)"),
        std::string(2000, '[')}) {
    INFO(text);
    const auto read = parseRoleCredentials(text, "here");
    REQUIRE(!read.ok());
    CHECK(read.error().kind() == ErrorKind::kSystem);
    CHECK(read.error().message().starts_with("here: "));
    CHECK(read.error().message().find("secret") == std::string::npos);
  }
}

TEST_CASE("times are read to the second, and what is none is told apart") {
  CHECK(parseIsoUtc("1970-01-01T00:00:00Z") == 0);
  CHECK(parseIsoUtc("2026-11-24T16:31:48Z") == 1795537908);
  CHECK(parseIsoUtc("2026-11-24T16:31:48.999Z") == 1795537908);
  CHECK(parseIsoUtc("2024-02-29T00:00:00Z") == 1709164800);
  CHECK(parseIsoUtc("1969-12-31T23:59:59Z") == -1);
  for (const char* const text : {"",
                                 "Z",
                                 "2026-11-24",
                                 "2026-11-24T16:31:48",
                                 "2026-11-24T16:31Z",
                                 "2026-02-29T00:00:00Z",
                                 "2026-13-01T00:00:00Z",
                                 "2026-00-01T00:00:00Z",
                                 "2026-11-31T00:00:00Z",
                                 "2026-11-24T24:00:00Z",
                                 "2026-11-24T16:60:00Z",
                                 "2026-11-24T16:31:61Z",
                                 "2026-11-24T16:31:48ZZ",
                                 "2026-11-24T16:31:48.Z",
                                 "2026-11-24T16:31:48.9",
                                 " 026-11-24T16:31:48Z",
                                 "+026-11-24T16:31:48Z",
                                 "2026-11-24T16:31:-1Z",
                                 "2026-11-24T16:31:48+01:00",
                                 "2026-11-24 16:31:48Z",
                                 "99999-11-24T16:31:48Z",
                                 "2026-11-24T16:31:48.9x9Z"}) {
    INFO(text);
    CHECK(!parseIsoUtc(text));
  }
}
