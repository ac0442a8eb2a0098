// The expected signatures were computed by botocore 1.29 (botocore.auth.SigV4Auth, of Debian's
// python3-botocore) at the times that the cases name; that of "nothing but a host" is also AWS's
// own published test vector "get-vanilla".
#include "aws/sigv4.hpp"

#include <numeric>

#include <doctest/doctest.h>

using tango::aws::Credentials;
using tango::aws::signatureOf;
using tango::aws::ToSign;

namespace {

const Credentials kCredentials = {
    "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}};
constexpr std::int64_t kTime = 1440938160;  // 2015-08-30T12:36:00Z

ToSign asking(const std::string& body, const std::string& host = "ec2.us-east-1.amazonaws.com") {
  ToSign request;
  request.host = host;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = body;
  request.region = "us-east-1";
  request.service = "ec2";
  request.time = kTime;
  return request;
}

ToSign getting(const std::string& path, const std::string& query = "",
               const std::string& host = "ec2.us-east-1.amazonaws.com") {
  ToSign request = asking("", host);
  request.method = "GET";
  request.path = path;
  request.query = query;
  request.headers.clear();
  return request;
}

std::string headerOf(const ToSign& request, const std::string& name,
                     const Credentials& credentials = kCredentials) {
  for (const auto& [each, value] : signatureOf(request, credentials)) {
    if (each == name) {
      return value;
    }
  }
  return "";
}

std::string signatureIn(const ToSign& request, const Credentials& credentials = kCredentials) {
  const std::string all = headerOf(request, "Authorization", credentials);
  return all.substr(all.rfind('=') + 1);
}

}  // namespace

TEST_CASE("a request is signed as botocore signs it") {
  const ToSign request = asking("Action=DescribeRegions&Version=2016-11-15");
  CHECK(headerOf(request, "X-Amz-Date") == "20150830T123600Z");
  CHECK(headerOf(request, "Authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=0961b80cfe2d492b65901a9220582465d0ed2094d2964a79fe0e9fdd612541ab");
  CHECK(headerOf(request, "X-Amz-Security-Token").empty());
  CHECK(signatureOf(request, kCredentials).size() == 2);
}

TEST_CASE("a session's token is sent and signed") {
  Credentials credentials = kCredentials;
  credentials.session_token = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+/=";
  ToSign request =
      asking("Action=DescribeInstances&Version=2016-11-15", "ec2.eu-central-1.amazonaws.com");
  request.region = "eu-central-1";
  request.time = 1795537908;
  CHECK(headerOf(request, "X-Amz-Security-Token", credentials) == credentials.session_token);
  CHECK(headerOf(request, "Authorization", credentials) ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/eu-central-1/ec2/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        "Signature=a5d037433a8f646b6c962a53cd2f315ce7294ce79003584452b83eda33861e0f");
}

TEST_CASE("a host's port and a path are signed") {
  ToSign request = asking("Action=RunInstances&Version=2016-11-15", "127.0.10.1:8773");
  request.path = "/services/Cloud";
  request.time = 1709164800;  // 2024-02-29T00:00:00Z
  CHECK(headerOf(request, "X-Amz-Date") == "20240229T000000Z");
  CHECK(signatureIn(request) == "1c2d985d82c5f188953e5c9ce9a349d2e86f5761ad8d136e16f20f3c1fb3b3b3");
}

TEST_CASE("a query is signed in order, whatever the order in which it is sent") {
  ToSign request = getting("/",
                           "Version=2016-11-15&Action=DescribeInstances&Filter.10.Name=b&"
                           "Filter.1.Name=tag%3Atango%3Aowner&Empty=&Action=Again");
  request.time = 951782400;
  const std::string expected = "630dc25c459de53c0b576bf09eb1cea1dad2e3c72f999771bb5cfd6a48d2eb10";
  CHECK(signatureIn(request) == expected);
  request.query =
      "Empty&Filter.10.Name=b&Action=Again&Filter.1.Name=tag%3atango:owner&"
      "Action=%44escribeInstances&Version=2016-11-15";
  CHECK(signatureIn(request) == expected);
}

TEST_CASE("a query's odd characters are signed in the one form that AWS knows") {
  const std::string expected = "62cb84589a8ca41a3bc9a4b8c9bcb12c28f361b2573961cfa17b126e97dab70a";
  for (const std::string query :
       {"Tag.1.Value=caf%C3%A9%20~%2A%27%28%29%F0%9F%90%99%2F",
        "Tag.1.Value=caf%c3%a9%20%7e*'()%f0%9f%90%99/", "Tag.1.Value=caf\u00e9 ~*'()\U0001f419/"}) {
    CHECK(signatureIn(getting("/", query)) == expected);
  }
  // What only looks like an escape stands for itself.
  CHECK(signatureIn(getting("/", "a=%zz%4")) == signatureIn(getting("/", "a=%25zz%254")));
  CHECK(signatureIn(getting("/", "a=1+1")) == signatureIn(getting("/", "a=1%2B1")));
  CHECK(signatureIn(getting("/", "a=1+1")) != signatureIn(getting("/", "a=1%201")));
}

TEST_CASE("a body's bytes are signed as they are") {
  CHECK(signatureIn(asking("Action=CreateTags&Tag.1.Value=caf%C3%A9%20%F0%9F%90%99&"
                           "Raw=caf\u00e9 \U0001f419")) ==
        "7ef6da3889e06c9ebf8e7fa0205c5b28da610a69ac653794e2e899cde71f240f");
  std::string bytes(256, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  ToSign request = asking(bytes);
  request.time = 4102444799;
  CHECK(signatureIn(request) == "4534a5b8c3a4deea2cdafb209404d24c08219479f1c3df42f4362aba6d936c62");
  request = asking(std::string(1'000'000, 'x'));
  request.region = "us-gov-west-1";
  CHECK(signatureIn(request, {"AKIAIOSFODNN7EXAMPLE", "k", "t", {}}) ==
        "c99c23e12c12212413d3bac777620b528dca36ca2c1fc1d0e6bb76ae44053bfa");
}

TEST_CASE("an empty body and no headers are signed") {
  ToSign request = asking("");
  request.headers.clear();
  request.time = 0;
  CHECK(headerOf(request, "X-Amz-Date") == "19700101T000000Z");
  CHECK(signatureIn(request) == "ef2662533380f244298923759f063a200aec20963a575b2a8d5c8911bcc0fe32");
}

TEST_CASE("headers are signed by their names in order, and blanks in them count once") {
  ToSign request = getting("/");
  request.headers = {{"My-Header2", "  \"a   b \t c\"  "},
                     {"my-header1", "value4"},
                     {"My-Header1", "value1"},
                     {"Zoo", ""}};
  CHECK(headerOf(request, "Authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/ec2/aws4_request, "
        "SignedHeaders=host;my-header1;my-header2;x-amz-date;zoo, "
        "Signature=09329fb4537668bca257b140eac23999ad0dc5397b6c837adacab5f8d9e6ba13");
}

TEST_CASE("a path is signed without its detours and encoded once more than it is sent") {
  ToSign request = getting("/a/./b//../c%20d/caf%C3%A9/~x/", "", "example.amazonaws.com");
  request.service = "service";
  CHECK(signatureIn(request) == "8c858cb877b34fa03586d71ad9a438a3f05a7ee8f5082b3763638ba741f43257");
  for (const std::string path : {"/", "", "/..//./", "//", "/a/.."}) {
    request.path = path;
    INFO("nothing but a host: ", path);
    CHECK(signatureIn(request) ==
          "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  }
}
