#include "vmms/docker/engine_json.hpp"

#include <doctest/doctest.h>

using tango::base::ErrorKind;
using namespace tango::vmms::docker;

TEST_CASE("an engine's information is read") {
  const auto info =
      parseInfo(R"({"Name":"rack","ServerVersion":"20.10.24","Architecture":"x86_64","NCPU":8,)"
                R"("MemTotal":1024,"MemoryLimit":true,"SwapLimit":true,"PidsLimit":true})");
  REQUIRE(info.ok());
  CHECK(info->name == "rack");
  CHECK(info->version == "20.10.24");
  CHECK(info->cores == 8);
  CHECK(info->memory_bytes == 1024);
  CHECK(info->cannot_limit.empty());
}

TEST_CASE("an engine's architecture is as uname has it, whatever the engine calls it") {
  CHECK(parseInfo(R"({"NCPU":8,"MemTotal":1,"Architecture":"amd64"})")->architecture == "x86_64");
  CHECK(parseInfo(R"({"NCPU":8,"MemTotal":1,"Architecture":"arm64"})")->architecture == "aarch64");
}

TEST_CASE("what an engine cannot limit is named") {
  const auto info = parseInfo(R"({"NCPU":8,"MemTotal":1024,"SwapLimit":false})");
  REQUIRE(info.ok());
  CHECK(info->cannot_limit == "swap");
}

TEST_CASE("an answer that is not as documented is an error") {
  for (const char* body : {"", "{", "null", "[]", "{}", R"({"NCPU":"8","MemTotal":1})",
                           R"({"NCPU":-8,"MemTotal":1})"}) {
    CHECK(parseInfo(body).error().kind() == ErrorKind::kSystem);
  }
  CHECK_FALSE(parseContainers("{}").ok());
  CHECK_FALSE(parseImages("1").ok());
  CHECK_FALSE(parseImage("{}").ok());
  CHECK_FALSE(parseCreated(R"({"Id":7})").ok());
}

TEST_CASE("containers are read with their labels") {
  const auto all =
      parseContainers(R"([{"Id":"a","ImageID":"i","State":"running","Labels":{"k":"v","n":1}},)"
                      R"({"Id":"b","State":"created","Labels":null},7])");
  REQUIRE(all.ok());
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).label("k") == "v");
  CHECK(all->at(0).label("n").empty());
  CHECK(all->at(0).running);
  CHECK_FALSE(all->at(1).running);
}

TEST_CASE("the names of volumes are read, and that there are none") {
  CHECK(*parseVolumes(R"({"Volumes":[{"Name":"a"},{"Name":7},{}]})") ==
        std::vector<std::string>{"a"});
  CHECK(parseVolumes(R"({"Volumes":null})")->empty());
  CHECK_FALSE(parseVolumes("[]").ok());
}

TEST_CASE("images without a name have no tags, however the engine says so") {
  const auto all =
      parseImages(R"([{"Id":"a","RepoTags":["lab:1","lab:latest"]},{"Id":"b","RepoTags":null},)"
                  R"({"Id":"c","RepoTags":["<none>:<none>"]}])");
  REQUIRE(all.ok());
  CHECK(all->at(0).tags == std::vector<std::string>{"lab:1", "lab:latest"});
  CHECK(all->at(1).tags.empty());
  CHECK(all->at(2).tags.empty());
}

TEST_CASE("an image's environment and volumes are read") {
  const auto image =
      parseImage(R"({"Id":"sha256:a","Architecture":"amd64","Os":"linux","RepoTags":["lab:1"],)"
                 R"("Config":{"Env":["PATH=/bin"],"Volumes":{"/data":{}}}})");
  REQUIRE(image.ok());
  CHECK(image->environment == std::vector<std::string>{"PATH=/bin"});
  CHECK(image->volumes == std::vector<std::string>{"/data"});
}

TEST_CASE("what was loaded is read from the stream of progress") {
  const auto loaded = parseLoaded(
      "{\"status\":\"Loading layer\"}\r\n{\"stream\":\"Loaded image: lab:1\\n\"}\r\n"
      "{\"stream\":\"Loaded image ID: sha256:a\\n\"}\r\n");
  REQUIRE(loaded.ok());
  CHECK(*loaded == std::vector<std::string>{"lab:1", "sha256:a"});
  CHECK(parseLoaded(" \n")->empty());
}

TEST_CASE("a loading that failed tells why") {
  const auto loaded =
      parseLoaded("{\"errorDetail\":{\"message\":\"m\"},\"error\":\"no space left\\n\"}");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().message() == "no space left");
  CHECK_FALSE(parseLoaded("{\"stream\":").ok());
  CHECK_FALSE(parseLoaded("7").ok());
}

TEST_CASE("the engine's words are one line of bounded length") {
  CHECK(errorWords(R"({"message":"No such image: lab"})") == "No such image: lab");
  CHECK(errorWords("plain\nwords\n") == "plain words");
  CHECK(errorWords("").empty());
  CHECK(errorWords(std::string(10'000, 'x')).size() < 600);
}
