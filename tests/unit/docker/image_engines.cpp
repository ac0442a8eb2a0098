#define DOCTEST_CONFIG_IMPLEMENT
#include "unit/docker/image_engines.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include <doctest/doctest.h>

namespace tango::vmms::docker {
namespace {

constexpr int kSkipped = 77;
const test::DockerDaemons* started = nullptr;

}  // namespace

const test::DockerDaemons& daemons() {
  return *started;
}

Engines::Engines() {
  for (const EngineAddress& address : daemons().addresses()) {
    engines_.push_back(std::make_unique<Engine>(context_.get_executor(), address, ""));
    if (!run(engines_.back()->meet())) {
      throw std::runtime_error("an engine of the test does not answer");
    }
  }
}

std::vector<std::string> Engines::imagesOf(int index) {
  const auto images = run(at(index).listImages());
  std::vector<std::string> all;
  for (const ImageEntry& image : images.value()) {
    all.push_back(image.id);
    for (const std::string& tag : image.tags) {
      all.push_back(tag + " " + image.id);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string Engines::idOf(int index, const std::string& reference) {
  const auto image = run(at(index).inspectImage(reference));
  return image ? image->id : "";
}

std::size_t Engines::containersOf(int index, const std::string& owner) {
  return run(at(index).listContainers({"tango.owner=" + owner})).value().size();
}

int runTests(int count, char** arguments) {
  const test::DockerDaemons two(
      test::DockerDaemons::Way::kUnix, kEngines,
      {"stock", "course", "tools", "small", "declared", "foreign", "rootgrade"});
  if (two.unavailable()) {
    std::puts(two.unavailable()->c_str());
    return kSkipped;
  }
  started = &two;
  doctest::Context context(count, arguments);
  return context.run();
}

}  // namespace tango::vmms::docker

int main(int count, char** arguments) {
  return tango::vmms::docker::runTests(count, arguments);
}
