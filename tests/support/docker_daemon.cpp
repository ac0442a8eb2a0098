#include "support/docker_daemon.hpp"

#include <sstream>
#include <stdexcept>

namespace tango::test {
namespace {

constexpr int kSkipped = 77;

using vmms::docker::EngineAddress;

EngineAddress addressOf(const std::string& line) {
  std::istringstream words(line);
  std::string way;
  words >> way;
  EngineAddress address;
  if (way == "unix") {
    words >> address.socket;
  } else {
    address.way = EngineAddress::Way::kSsh;
    words >> address.ssh.config_file >> address.ssh.host;
  }
  if (!words) {
    throw std::runtime_error("daemon.py said: " + line);
  }
  return address;
}

std::vector<std::string> command(DockerDaemons::Way way, int hosts,
                                 const std::vector<std::string>& images) {
  std::vector<std::string> words = {TANGO_PYTHON, TANGO_DOCKER_DAEMON, TANGO_DOCKER_IMAGES,
                                    way == DockerDaemons::Way::kUnix ? "unix" : "ssh",
                                    std::to_string(hosts)};
  words.insert(words.end(), images.begin(), images.end());
  return words;
}

}  // namespace

DockerDaemons::DockerDaemons(Way way, int hosts, const std::vector<std::string>& images)
    : child_(command(way, hosts, images)) {
  readAddresses();
}

void DockerDaemons::readAddresses() {
  std::string said;
  for (;;) {
    const std::optional<std::string> line = child_.readLine();
    if (!line || line->empty()) {
      if (child_.finish() != kSkipped) {
        throw std::runtime_error("daemon.py failed: " + said);
      }
      unavailable_ = said;
      addresses_.clear();
      return;
    }
    if (*line == "ready") {
      return;
    }
    said = *line;
    if (line->starts_with("unix ") || line->starts_with("ssh ")) {
      addresses_.push_back(addressOf(*line));
    }
  }
}

}  // namespace tango::test
