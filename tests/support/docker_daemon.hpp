// Docker engines for tests, as long as the object lives: tests/docker/daemon.py runs them as a
// child of ours, and they end with it, also when this program is killed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/talking_child.hpp"
#include "vmms/docker/engine_address.hpp"

namespace tango::test {

/// The image that most tests use, as it is named to an engine: a small Debian without any user of
/// ours. tests/docker/images.py has it and the others.
inline constexpr const char* kStockImage = "tango-test-stock";

class DockerDaemons {
 public:
  enum class Way { kUnix, kSsh };

  /// Starts `hosts` engines, reached that way, each with those images (by their names in
  /// images.py), and returns once they answer. Throws if that fails for another reason than that
  /// this machine cannot run one.
  DockerDaemons(Way way, int hosts, const std::vector<std::string>& images);
  DockerDaemons(const DockerDaemons&) = delete;
  DockerDaemons& operator=(const DockerDaemons&) = delete;

  /// Why there are none: a sentence; nothing if there are.
  [[nodiscard]] const std::optional<std::string>& unavailable() const { return unavailable_; }
  [[nodiscard]] const std::vector<vmms::docker::EngineAddress>& addresses() const {
    return addresses_;
  }

 private:
  void readAddresses();

  TalkingChild child_;
  std::optional<std::string> unavailable_;
  std::vector<vmms::docker::EngineAddress> addresses_;
};

}  // namespace tango::test
