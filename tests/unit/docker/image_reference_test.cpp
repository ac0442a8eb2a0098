// Which names of images are names, and which mean one image.
#include "vmms/docker/image_reference.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace tango::vmms::docker {
namespace {

using base::ErrorKind;

const std::string kDigits(64, 'a');
const std::string kDigest = "sha256:" + kDigits;

bool isGood(std::string_view text) {
  return parseImageReference(text).ok();
}

bool same(std::string_view one, std::string_view other) {
  return meanSameImage(*parseImageReference(one), *parseImageReference(other));
}

TEST_CASE("a reference is a name, a tag and a digest") {
  const auto all = parseImageReference("registry.example:5000/group/lab_1:v1.0-X@" + kDigest);
  REQUIRE(all.ok());
  CHECK(all->name == "registry.example:5000/group/lab_1");
  CHECK(all->tag == "v1.0-X");
  CHECK(all->digest == kDigest);
  CHECK(all->text() == "registry.example:5000/group/lab_1:v1.0-X@" + kDigest);
  const auto bare = parseImageReference("ubuntu");
  REQUIRE(bare.ok());
  CHECK(bare->name == "ubuntu");
  CHECK(bare->tag.empty());
  CHECK(bare->text() == "ubuntu:latest");
  CHECK(parseImageReference("ubuntu@" + kDigest)->text() == "ubuntu@" + kDigest);
}

TEST_CASE("a colon before the last slash is a port's") {
  const auto reference = parseImageReference("localhost:5000/lab");
  REQUIRE(reference.ok());
  CHECK(reference->name == "localhost:5000/lab");
  CHECK(reference->tag.empty());
  // Without a slash there is no registry.
  CHECK(parseImageReference("localhost:5000")->tag == "5000");
}

const std::vector<std::string> kGoodNames = {
    "a",
    "0",
    "a/b",
    "a/b/c/d",
    "a.b",
    "a_b",
    "a__b",
    "a-b",
    "a---b",
    "a.b_c__d-e",
    "1.2.3.4/x",
    "1.2.3.4:80/x",
    "localhost/x",
    "Registry.Example/x",
    "LOCAL/x",
    "[::1]/x",
    "[2001:db8::1]:5000/x/y:z",
    "xn--n3h.com/x",
    "a_b.c/d",
    "registry.example:5000",
    "x:_",
    "x:0",
    "x:A.b-c_",
    "x:" + std::string(128, 't'),
    std::string(255, 'n'),
    std::string(255, 'n') + ":" + std::string(128, 't') + "@" + kDigest,
    std::string(63, 'a'),
    std::string(65, 'a'),
    std::string(64, 'g'),
};

const std::vector<std::string> kBadNames = {
    "",
    " ",
    "a ",
    " a",
    "a b",
    "Upper",
    "a/Upper",
    "x.y/Upper",
    "a//b",
    "/a",
    "a/",
    "-a",
    "a-",
    "a/-b",
    ".a",
    "a.",
    "a..b",
    "a._b",
    "a___b",
    "_a",
    "a_",
    "../x",
    "./x",
    "a/../b",
    "x/.",
    "a:",
    ":latest",
    ":",
    "a::b",
    "a:b:c",
    "a:b/c",
    "a:-b",
    "a:.b",
    "a:b c",
    "a:" + std::string(129, 't'),
    "a@",
    "@" + kDigest,
    "a@sha256:short",
    "a@sha256:" + std::string(64, 'A'),
    "a@sha256:" + std::string(63, 'a'),
    "a@sha256:" + std::string(65, 'a'),
    "a@sha512:" + std::string(128, 'a'),
    "a@" + kDigest + "@" + kDigest,
    "a@" + kDigest + ":tag",
    "-registry.example/x",
    "registry-.example/x",
    "registry..example/x",
    "registry.example:/x",
    "registry.example:port/x",
    "[::1/x",
    "[]/x",
    "[g::]/x",
    "[::1]",
    "a?b",
    "a#b",
    "a%2fb",
    "a\\b",
    "a&b",
    "ä",
    std::string("a\0b", 3),
    std::string("a\n", 2),
    "a\x7f",
    "a\xff",
    std::string(256, 'n'),
    std::string(300, 'n'),
    std::string(100'000, '/'),
    std::string(100'000, ':'),
    std::string(100'000, '@'),
};

TEST_CASE("all that the grammar has is taken") {
  for (const std::string& name : kGoodNames) {
    CHECK_MESSAGE(isGood(name), name);
  }
}

TEST_CASE("all else is refused") {
  for (const std::string& name : kBadNames) {
    const auto refused = parseImageReference(name);
    REQUIRE_MESSAGE(!refused.ok(), name);
    CHECK(refused.error().kind() == ErrorKind::kInvalid);
    CHECK(refused.error().message().starts_with("image name: "));
  }
}

TEST_CASE("an id is a reference, shortened it is a name") {
  const auto id = parseImageReference(kDigest);
  REQUIRE(id.ok());
  CHECK(id->name.empty());
  CHECK(id->text() == kDigest);
  CHECK(*parseImageReference(kDigits) == *id);
  CHECK(parseImageReference("aaaaaaaaaaaa")->name == "aaaaaaaaaaaa");
  CHECK(parseImageReference("sha256:abc")->name == "sha256");
  CHECK(same(kDigits, kDigest));
  CHECK_FALSE(same(kDigest, "lab@" + kDigest));
}

TEST_CASE("what is written back is read as the same") {
  for (const char* text : {"a", "a:b", "r.example:1/a/b:c", "[::1]:2/x"}) {
    const auto once = parseImageReference(text);
    REQUIRE(once.ok());
    const auto twice = parseImageReference(once->text());
    REQUIRE(twice.ok());
    CHECK(meanSameImage(*once, *twice));
    CHECK(once->text() == twice->text());
  }
}

TEST_CASE("a name without its tag, registry or library means the same image") {
  CHECK(same("ubuntu", "ubuntu:latest"));
  CHECK(same("ubuntu", "library/ubuntu"));
  CHECK(same("ubuntu", "docker.io/library/ubuntu:latest"));
  CHECK(same("docker.io/ubuntu", "index.docker.io/library/ubuntu"));
  CHECK(same("group/lab:1", "docker.io/group/lab:1"));
  CHECK(same("localhost/x", "localhost/x:latest"));
  CHECK(same("a:1@" + kDigest, "a:2@" + kDigest));
  CHECK_FALSE(same("ubuntu", "ubuntu:22.04"));
  CHECK_FALSE(same("ubuntu", "group/ubuntu"));
  CHECK_FALSE(same("group/lab", "registry.example/group/lab"));
  CHECK_FALSE(same("localhost/x", "x"));
  CHECK_FALSE(same("a", "a@" + kDigest));
  CHECK_FALSE(same("a@" + kDigest, "b@" + kDigest));
}

}  // namespace
}  // namespace tango::vmms::docker
