// Two real engines for the tests of images, with the images of tests/docker/images.py on both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "support/docker_daemon.hpp"
#include "support/run_on.hpp"
#include "vmms/docker/engine.hpp"

namespace tango::vmms::docker {

inline constexpr int kEngines = 2;

/// Started by main, which ends with 77 where no engine can run.
const test::DockerDaemons& daemons();

/// Engines of one test, which it can speak to.
class Engines {
 public:
  Engines();

  [[nodiscard]] Engine& at(int index) { return *engines_.at(static_cast<std::size_t>(index)); }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  template <class T>
  T run(boost::asio::awaitable<T> call) {
    return test::runOn(context_, std::move(call));
  }

  /// All that an engine has: each id and reference, sorted.
  std::vector<std::string> imagesOf(int index);
  /// The image of that name; "": there is none.
  std::string idOf(int index, const std::string& reference);
  /// How many containers that owner has, whatever their state.
  std::size_t containersOf(int index, const std::string& owner);

 private:
  boost::asio::io_context context_;
  std::vector<std::unique_ptr<Engine>> engines_;
};

}  // namespace tango::vmms::docker
