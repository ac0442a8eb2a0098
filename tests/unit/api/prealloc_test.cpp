#include <string>

#include <doctest/doctest.h>

#include "api/prealloc_record.hpp"
#include "api/wire/prealloc_body.hpp"

namespace tango::api {
namespace {

using wire::PreallocBody;
using wire::preallocBodyOf;

PreallocBody good(std::string_view body) {
  const base::Result<PreallocBody> read = preallocBodyOf(body);
  REQUIRE_MESSAGE(read.ok(), (read ? "" : read.error().message()));
  return *read;
}

std::string refusal(std::string_view body) {
  const base::Result<PreallocBody> read = preallocBodyOf(body);
  return read ? "" : read.error().message();
}

TEST_CASE("nothing said is nothing wanted") {
  for (const char* body : {"", "  ", "{}", "cores=&memory=", "&&", "=", "x=1",
                           R"({"cores":null,"memory":"","vmms":null})", R"({"cores":0})"}) {
    CAPTURE(body);
    const PreallocBody read = good(body);
    CHECK(read.vmms.empty());
    CHECK_FALSE(read.cores.has_value());
    CHECK_FALSE(read.memory_mb.has_value());
  }
}

TEST_CASE("JSON and a form say the same") {
  for (const char* body :
       {R"({"vmms":"a b","cores":1.5,"memory":64})",
        R"( {"memory":"64","cores":"1.5","vmms":"a b"})", "vmms=a+b&cores=1.5&memory=64",
        "memory=%36%34&vmms=a%20b&cores=1.5&x", "cores=9&cores=1.5&memory=64&vmms=a b"}) {
    CAPTURE(body);
    const PreallocBody read = good(body);
    CHECK(read.vmms == "a b");
    CHECK(read.cores == 1.5);
    CHECK(read.memory_mb == 64);
  }
}

TEST_CASE("a field that is wrong is named") {
  for (const char* body :
       {"cores=x", "cores=1x", "cores=-1", "cores=nan", "cores=inf", "cores=1e99",
        R"({"cores":true})", R"({"cores":-1})", R"({"cores":"many"})"}) {
    CAPTURE(body);
    CHECK(refusal(body).starts_with("cores is"));
  }
  CHECK(refusal("memory=%") == "memory is not a number");
  CHECK(refusal("memory=%3") == "memory is not a number");
  CHECK(refusal(R"({"vmms":1})") == "vmms is not a string");
  CHECK_FALSE(refusal("{").empty());
}

PreallocRecord record() {
  PreallocRecord wanted;
  wanted.key.vmms = "sandbox";
  wanted.key.machine.image = "a \"quoted\"/image:1";
  wanted.key.machine.cpu_millis = 1500;
  wanted.key.machine.memory_bytes = 3;
  wanted.key.machine.disk_bytes = 1ULL << 63;
  wanted.key.machine.disk_inodes = 5;
  wanted.key.machine.io_bytes_per_second = 6;
  wanted.key.machine.network = true;
  wanted.vms = 12;
  return wanted;
}

TEST_CASE("what is kept in the store is what was asked for") {
  const auto [key, value] = encodePrealloc(record());
  const auto read = decodePrealloc(key, value);
  REQUIRE(read.has_value());
  CHECK(read->key == record().key);
  CHECK(read->vms == 12);
}

TEST_CASE("the same machines have the same key, whatever their number") {
  PreallocRecord other = record();
  other.vms = 0;
  CHECK(encodePrealloc(other).first == encodePrealloc(record()).first);
  other.key.machine.network = false;
  CHECK(encodePrealloc(other).first != encodePrealloc(record()).first);
}

TEST_CASE("what nobody wrote is not read") {
  const auto [key, value] = encodePrealloc(record());
  for (const char* bad : {"", "x", "-1", "1x", "99999999999999999999"}) {
    CHECK_FALSE(decodePrealloc(key, bad).has_value());
  }
  for (const char* bad : {"", "{}", "[]", "{", R"({"image":1})"}) {
    CHECK_FALSE(decodePrealloc(bad, value).has_value());
  }
}

}  // namespace
}  // namespace tango::api
