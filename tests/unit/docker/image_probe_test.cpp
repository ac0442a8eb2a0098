// What is found in an image, by real engines.
#include "vmms/docker/image_probe.hpp"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "support/temp_folder.hpp"
#include "unit/docker/docker_save.hpp"
#include "unit/docker/image_engines.hpp"
#include "vmms/docker/host_images.hpp"

namespace tango::vmms::docker {
namespace {

using base::ErrorKind;

constexpr const char* kOwner = "probe-test";
constexpr const char* kUser = "autograde:x:1001:1002::/home/autograde:/bin/sh\n";
constexpr const char* kSmall = "registry.example:5000/group/tango-test-small:1.0-x";

class Fixture {
 public:
  Result<ProbedImage> probe(const std::string& reference, const std::string& machine = "") {
    auto probed = engines.run(
        probeImage(engines.at(0), reference, kOwner, machine.empty() ? architecture_ : machine));
    CHECK(engines.containersOf(0, kOwner) == 0);
    return probed;
  }

  /// Of an image of these files alone.
  Result<ProbedImage> probeMade(const std::vector<std::pair<std::string, std::string>>& files) {
    return probeSaved(DockerSave(folder_.path(), "", files));
  }
  Result<ProbedImage> probeSaved(const DockerSave& saved) {
    const auto built = engines.run(images_.buildImage("probe-made", saved.write("made.tar")));
    REQUIRE(built.ok());
    return probe("probe-made");
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  Engines engines;

 private:
  test::TempFolder folder_;
  boost::asio::thread_pool blocking_{1};
  HostImages images_{engines.context().get_executor(), blocking_,
                     [this] { return std::vector<ImageHost>{{"host", &engines.at(0)}}; }};
  std::string architecture_ = engines.run(engines.at(0).meet()).value().architecture;
};

TEST_CASE_FIXTURE(Fixture, "an image without the user has a number free for it") {
  const auto probed = probe("tango-test-stock");
  REQUIRE(probed.ok());
  CHECK(probed->id == engines.idOf(0, "tango-test-stock"));
  CHECK_FALSE(probed->has_user);
  CHECK_FALSE(probed->keeps_home);
  CHECK(probed->home == "/home/autograde");
  CHECK(probed->uid == 65533);
  CHECK(probed->environment.size() == 1);
  CHECK(probed->volumes.empty());
}

TEST_CASE_FIXTURE(Fixture, "a course's image has the user and an empty home") {
  const auto probed = probe("tango-test-course:latest");
  REQUIRE(probed.ok());
  CHECK(probed->has_user);
  CHECK(probed->uid == 1801);
  CHECK(probed->gid == 1801);
  CHECK_FALSE(probed->keeps_home);
}

TEST_CASE_FIXTURE(Fixture, "a home with tools in it is kept") {
  const auto probed = probe("tango-test-tools");
  REQUIRE(probed.ok());
  CHECK(probed->keeps_home);
}

TEST_CASE_FIXTURE(Fixture, "an image without any users' file is one without the user") {
  const auto probed = probe(kSmall);
  REQUIRE(probed.ok());
  CHECK_FALSE(probed->has_user);
  CHECK(probed->uid == 65533);
}

TEST_CASE_FIXTURE(Fixture, "of the volumes that an image declares, the home's is ours") {
  const auto probed = probe("tango-test-declared");
  REQUIRE(probed.ok());
  CHECK_FALSE(probed->keeps_home);
  CHECK(probed->volumes == std::vector<std::string>{"/data"});
}

TEST_CASE_FIXTURE(Fixture, "what no job can run in is told apart from what is not there") {
  CHECK(probe("nope").error().kind() == ErrorKind::kNotFound);
  for (const char* image : {"tango-test-foreign", "tango-test-rootgrade"}) {
    const auto probed = probe(image);
    REQUIRE(!probed.ok());
    CHECK(probed.error().kind() == ErrorKind::kUnsupported);
    CHECK(probed.error().message().starts_with("no job can run in the image: "));
  }
  CHECK(probe("tango-test-stock", "s390x").error().kind() == ErrorKind::kUnsupported);
}

TEST_CASE_FIXTURE(Fixture, "a skeleton of useradd's is no content of a home") {
  const auto probed = probeMade(
      {{"etc/passwd", kUser}, {"home/autograde/.bashrc", "x"}, {"home/autograde/.profile", "x"}});
  REQUIRE(probed.ok());
  CHECK(probed->uid == 1001);
  CHECK(probed->gid == 1002);
  CHECK_FALSE(probed->keeps_home);
}

TEST_CASE_FIXTURE(Fixture, "anything else in a home is kept") {
  const std::string big(100'000, 'x');
  const std::string huge(1'000'000, 'x');
  for (const auto& [path, content] :
       std::vector<std::pair<std::string, std::string>>{{"home/autograde/tool", "x"},
                                                        {"home/autograde/.cargo/env", "x"},
                                                        {"home/autograde/autolab/file", "x"},
                                                        {"home/autograde/.big", big},
                                                        {"home/autograde/.huge", huge}}) {
    const auto probed = probeMade({{"etc/passwd", kUser}, {path, content}});
    REQUIRE_MESSAGE(probed.ok(), path);
    CHECK_MESSAGE(probed->keeps_home, path);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "links to the users' file and to the home are followed inside the image") {
  DockerSave saved(folder(), "", {});
  {
    images::Tarball tarball(folder() / "layer.tar");
    tarball.file("store/passwd", "autograde:x:7:8::/home/ag/:/bin/sh\n")
        .link("etc/passwd", "../store/second")
        .link("store/second", "/store/passwd")
        .file("real/home/tool", "x")
        .link("home/ag", "/real/home");
  }
  saved.layer = contentOf(folder() / "layer.tar");
  const std::string old = saved.config.substr(saved.config.rfind("sha256:") + 7, 64);
  saved.config.replace(saved.config.find(old), 64, sha256(saved.layer));
  const auto probed = probeSaved(saved);
  REQUIRE(probed.ok());
  CHECK(probed->uid == 7);
  CHECK(probed->home == "/home/ag");
  CHECK(probed->keeps_home);
}

TEST_CASE_FIXTURE(Fixture, "a users' file that is no use is refused or passed over") {
  CHECK(probeMade({{"etc/passwd", std::string(2 << 20, 'x')}}).error().kind() ==
        ErrorKind::kUnsupported);
  CHECK(probeMade({{"etc/passwd/x", "a folder"}}).value().uid == 65533);
  const auto line = [](const std::string& home) {
    return "autograde:x:5:5::" + home + ":/bin/sh\n";
  };
  for (const std::string& home :
       {std::string(), std::string("/"), std::string("home"), std::string("/home/../etc"),
        std::string("/home//x"), std::string("/home/./x"), std::string("/a,b"),
        std::string("/a\tb"), std::string("/proc/1"), std::string("/tmp"), std::string("/dev/shm"),
        std::string("/.tango/x")}) {
    const auto probed = probeMade({{"etc/passwd", line(home)}});
    REQUIRE_MESSAGE(!probed.ok(), home);
    CHECK(probed.error().kind() == ErrorKind::kUnsupported);
  }
  const auto a_file = probeMade({{"etc/passwd", line("/home/ag")}, {"home/ag", "a file"}});
  REQUIRE(!a_file.ok());
  CHECK(a_file.error().message().find("is no folder") != std::string::npos);
}

/// Cancels a probe behind so many steps of the context.
void cancelBehind(Engines& engines, const std::string& architecture, int steps) {
  boost::asio::cancellation_signal cancel;
  bool ended = false;
  const auto look = [&]() -> awaitable<void> {
    const auto probed =
        co_await probeImage(engines.at(0), "tango-test-stock", kOwner, architecture);
    CHECK((probed.ok() || probed.error().kind() == ErrorKind::kCancelled ||
           probed.error().kind() == ErrorKind::kTimeout ||
           probed.error().kind() == ErrorKind::kSystem));
  };
  boost::asio::co_spawn(engines.context(), look(),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](const std::exception_ptr&) { ended = true; }));
  engines.context().restart();
  for (int step = 0; step < steps && !ended; ++step) {
    engines.context().run_one();
  }
  // From within, as in the service: a signal from without comes later, and maybe too late.
  bool cancelled = false;
  boost::asio::post(engines.context(), [&] {
    cancelled = true;
    cancel.emit(boost::asio::cancellation_type::terminal);
  });
  engines.context().restart();
  while (!ended || !cancelled) {
    engines.context().run_one();
  }
}

TEST_CASE("a probe that is cancelled leaves no container") {
  Engines engines;
  const auto info = engines.run(engines.at(0).meet());
  REQUIRE(info.ok());
  for (int steps = 0; steps < 100; steps += 3) {
    cancelBehind(engines, info->architecture, steps);
    CHECK(engines.containersOf(0, kOwner) == 0);
  }
}

}  // namespace
}  // namespace tango::vmms::docker
