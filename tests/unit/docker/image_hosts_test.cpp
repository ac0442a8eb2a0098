// Images of two real hosts as one, and images that are put on both or on none.
#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/temp_folder.hpp"
#include "unit/docker/docker_save.hpp"
#include "unit/docker/image_engines.hpp"
#include "vmms/docker/host_images.hpp"
#include "vmms/docker/image_build.hpp"

namespace tango::vmms::docker {
namespace {

using base::ErrorKind;

constexpr const char* kStock = "tango-test-stock:latest";
constexpr const char* kSmall = "registry.example:5000/group/tango-test-small:1.0-x";

class Fixture {
 public:
  ~Fixture() {
    for (int host = 0; host < kEngines; ++host) {
      for (const char* name : {"made", "made-twice", "made-here"}) {
        (void)engines.run(engines.at(host).removeImage(name));
      }
    }
  }

  [[nodiscard]] DockerSave saved(const std::string& content,
                                 const std::string& tag = kStock) const {
    return {folder_.path(), tag, {{"file", content}}};
  }
  Result<void> build(const std::string& name, const DockerSave& image) {
    return engines.run(images.buildImage(name, image.write("saved.tar")));
  }
  std::vector<std::vector<std::string>> state() {
    return {engines.imagesOf(0), engines.imagesOf(1)};
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  Engines engines;
  std::vector<ImageHost> hosts{{"one", &engines.at(0)}, {"two", &engines.at(1)}};

 private:
  test::TempFolder folder_;
  boost::asio::thread_pool blocking_{1};

 public:
  HostImages images{engines.context().get_executor(), blocking_, [this] { return hosts; }};
};

/// An engine that nobody answers for.
EngineAddress nowhere() {
  EngineAddress address;
  address.socket = "/nonexistent/docker.sock";
  return address;
}

TEST_CASE_FIXTURE(Fixture, "all images of all hosts are listed, each once") {
  const auto names = engines.run(images.getImages());
  REQUIRE(names.ok());
  CHECK(std::is_sorted(names->begin(), names->end()));
  CHECK(std::adjacent_find(names->begin(), names->end()) == names->end());
  CHECK(std::count(names->begin(), names->end(), kStock) == 1);
  CHECK(std::count(names->begin(), names->end(), kSmall) == 1);
}

TEST_CASE_FIXTURE(Fixture, "it is told which hosts have an image") {
  hosts.pop_back();
  REQUIRE(build("made-here", saved("x")).ok());
  hosts = {{"two", &engines.at(1)}, {"one", &engines.at(0)}};
  const auto listed = engines.run(images.imagesByHost());
  REQUIRE(listed.ok());
  const std::map<std::string, std::vector<std::string>> all(listed->begin(), listed->end());
  CHECK(all.at("made-here:latest") == std::vector<std::string>{"one"});
  CHECK(all.at(kStock) == std::vector<std::string>{"one", "two"});
}

TEST_CASE_FIXTURE(Fixture, "an image is found by whatever names it, on any host") {
  hosts.pop_back();
  REQUIRE(build("made-here", saved("x")).ok());
  hosts = {{"two", &engines.at(1)}, {"one", &engines.at(0)}};
  const std::string id = engines.idOf(0, "made-here");
  for (const std::string& name :
       {std::string("made-here"), std::string("made-here:latest"),
        std::string("docker.io/library/made-here"), id, id.substr(7), std::string(kSmall)}) {
    CHECK_MESSAGE(engines.run(images.findImage(name)).ok(), name);
  }
  for (const std::string& name :
       {std::string("made-here:2"), std::string("nope"), std::string("tango-test-small"),
        "sha256:" + std::string(64, 'a'), "made-here@sha256:" + std::string(64, 'a'),
        id.substr(7, 12), std::string("../images/json"), std::string("a b"), std::string()}) {
    const auto found = engines.run(images.findImage(name));
    REQUIRE_MESSAGE(!found.ok(), name);
    CHECK(found.error().kind() == ErrorKind::kNotFound);
  }
  CHECK(engines.run(images.findImage("nope")).error().message().find("on two, one") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a host that does not answer hides no image of the others") {
  Engine silent(engines.context().get_executor(), nowhere(), "");
  hosts = {{"silent", &silent}, {"one", &engines.at(0)}};
  CHECK(engines.run(images.getImages()).ok());
  CHECK(engines.run(images.findImage(kStock)).ok());
  CHECK(engines.run(images.findImage("nope")).error().kind() == ErrorKind::kSystem);
  hosts.pop_back();
  CHECK(engines.run(images.getImages()).error().kind() == ErrorKind::kSystem);
  hosts.clear();
  CHECK(engines.run(images.getImages()).error().kind() == ErrorKind::kSystem);
  CHECK(engines.run(images.findImage(kStock)).error().kind() == ErrorKind::kSystem);
}

TEST_CASE_FIXTURE(Fixture, "a built image has the name it is given and no tag of its tarball's") {
  const std::string stock = engines.idOf(0, kStock);
  const DockerSave image = saved("one");
  REQUIRE(build("made", image).ok());
  for (int host = 0; host < kEngines; ++host) {
    CHECK(engines.idOf(host, "made:latest") == image.id());
    CHECK(engines.idOf(host, kStock) == stock);
  }
}

TEST_CASE_FIXTURE(Fixture, "an image takes the place of an older one of its name") {
  REQUIRE(build("made", saved("old")).ok());
  REQUIRE(build("made", saved("old")).ok());
  REQUIRE(build("made-twice", saved("old")).ok());
  REQUIRE(build("made", saved("new")).ok());
  for (int host = 0; host < kEngines; ++host) {
    CHECK(engines.idOf(host, "made") == saved("new").id());
    CHECK(engines.idOf(host, "made-twice") == saved("old").id());
  }
}

TEST_CASE_FIXTURE(Fixture, "a name with a tag, or of no image, is refused") {
  const auto before = state();
  for (const std::string& name :
       {std::string(), std::string("made:1"), std::string("made:latest"), std::string("Made"),
        "made@sha256:" + std::string(64, 'a'), "sha256:" + std::string(64, 'a'),
        std::string(64, 'a'), std::string("a b"), std::string("../made")}) {
    const auto built = build(name, saved("x"));
    REQUIRE_MESSAGE(!built.ok(), name);
    CHECK(built.error().kind() == ErrorKind::kInvalid);
  }
  CHECK(state() == before);
}

TEST_CASE_FIXTURE(Fixture, "a tarball of several images, or none, never reaches a host") {
  const auto before = state();
  DockerSave two = saved("x");
  const std::string one = two.manifest.substr(1, two.manifest.size() - 2);
  two.manifest = "[" + one + "," + one + "]";
  CHECK(build("made", two).error().kind() == ErrorKind::kInvalid);
  CHECK(engines.run(images.buildImage("made", folder() / "nope")).error().kind() ==
        ErrorKind::kNotFound);
  CHECK(state() == before);
}

TEST_CASE_FIXTURE(Fixture, "an image that the engine refuses leaves nothing behind") {
  REQUIRE(build("made", saved("old")).ok());
  const auto before = state();
  DockerSave wrong = saved("new");
  wrong.layer = saved("other").layer;  // not what the configuration says
  const auto built = build("made", wrong);
  REQUIRE(!built.ok());
  CHECK(built.error().message().starts_with("one: load the image: "));
  CHECK(state() == before);
}

TEST_CASE_FIXTURE(Fixture, "what fails on one host is taken back from the others") {
  REQUIRE(build("made", saved("old")).ok());
  const auto before = state();
  Engine silent(engines.context().get_executor(), nowhere(), "");
  hosts.push_back({"silent", &silent});
  CHECK_FALSE(build("made", saved("new")).ok());
  CHECK_FALSE(build("made-twice", saved("new")).ok());
  CHECK_FALSE(build("made-twice", saved("old")).ok());
  CHECK(state() == before);
}

TEST_CASE_FIXTURE(Fixture, "a name that was given is taken back") {
  REQUIRE(build("made", saved("old")).ok());
  const auto before = state();
  const auto undone = [this](const std::string& name) {
    const auto image = readSavedImage(saved("new").write("new.tar"));
    ImageBuild building("one", engines.at(0), name);
    REQUIRE(engines.run(building.load(*image)).ok());
    REQUIRE(engines.run(building.tag()).ok());
    CHECK(engines.idOf(0, name) == saved("new").id());
    CHECK(engines.run(building.undo()).ok());
  };
  undone("made");
  CHECK(state() == before);
  undone("made-twice");
  CHECK(state() == before);
}

TEST_CASE_FIXTURE(Fixture, "two builds at once come one after the other") {
  const auto first = saved("one").write("one.tar");
  const auto second = saved("two").write("two.tar");
  int ended = 0;
  const auto start = [&](std::filesystem::path path) -> awaitable<void> {
    const auto built = co_await images.buildImage("made", path);
    CHECK(built.ok());
    ++ended;
  };
  boost::asio::co_spawn(engines.context(), start(first), boost::asio::detached);
  boost::asio::co_spawn(engines.context(), start(second), boost::asio::detached);
  engines.context().restart();
  while (ended < 2) {
    engines.context().run_one();
  }
  CHECK(engines.idOf(0, "made") == saved("two").id());
  CHECK(engines.idOf(1, "made") == saved("two").id());
}

}  // namespace
}  // namespace tango::vmms::docker
