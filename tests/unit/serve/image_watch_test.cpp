#include "tango/serve/image_watch.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/safe_path.hpp"
#include "images/image_store.hpp"
#include "unit/images/test_folder.hpp"

namespace tango::app {
namespace {

using Names = std::vector<std::string>;

// A watched data folder, and what the watch has told.
class Bench {
 public:
  Bench() {
    std::filesystem::create_directories(folder_.path() / "root/bin");
    images::writeContent(folder_ / "root/bin/sh", "");
    watch();
    boost::asio::co_spawn(context_, watch_->run(), boost::asio::detached);
  }
  ~Bench() {
    watch_->stop();
    context_.run();
  }

  [[nodiscard]] images::ImageStore images() const {
    return images::ImageStore(folder_.path().string());
  }
  [[nodiscard]] std::string root() const { return folder_ / "root"; }
  /// Waits until so many changes were told, and gives them.
  Names told(std::size_t count) {
    while (told_.size() < count) {
      context_.run_one();
    }
    context_.poll();
    return std::exchange(told_, {});
  }

 private:
  void watch() {
    const auto folder = base::openDirectory(folder_.path().c_str());
    REQUIRE(folder.ok());
    auto started = ImageWatch::start(context_.get_executor(), folder->get(),
                                     [this](const std::string& image) { told_.push_back(image); });
    REQUIRE(started.ok());
    watch_.emplace(*std::move(started));
  }

  images::TestFolder folder_;
  boost::asio::io_context context_;
  std::optional<ImageWatch> watch_;
  Names told_;
};

TEST_CASE("an image that is imported, replaced or removed is told by its name") {
  Bench bench;
  const std::string name = "registry:5000/course/lab@1";
  REQUIRE(bench.images().import(name, bench.root()).ok());
  CHECK(bench.told(1).front() == name);
  images::ImportOptions again;
  again.replace = true;
  REQUIRE(bench.images().import(name, bench.root(), again).ok());
  CHECK(bench.told(1).front() == name);
  REQUIRE(bench.images().remove(name).ok());
  CHECK(bench.told(1).front() == name);
}

TEST_CASE("what goes on beside the images is not told") {
  Bench bench;
  REQUIRE_FALSE(bench.images().import("broken", "/nowhere").ok());
  REQUIRE(bench.images().import("good", bench.root()).ok());
  for (const std::string& name : bench.told(1)) {
    CHECK(name == "good");
  }
}

}  // namespace
}  // namespace tango::app
